"""The columns of a recording's tables: names, kinds and meanings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from streamlab.backpressure.realtime import STATES
from streamlab.client.record import CAUSES, FATES

if TYPE_CHECKING:
    import pandas as pd


class Column(NamedTuple):
    """A column: `kind` is `int`, `ms` (float milliseconds), `text`, or a tuple of categories."""

    name: str
    kind: str | tuple[str, ...]
    meaning: str


BEFORE_NODES = (
    Column("session", "int", "which session of the recording, from 0"),
    Column("frame_index", "int", "which frame of the session, from 0"),
    Column("video_frame", "int", "which frame of the video was sent, from 0"),
    Column("size_bytes", "int", "size of the JPEG"),
    Column("scheduled_ms", "ms", "when the frame was due"),
    Column(
        "sent_ms", "ms", "when it was sent; later than it was due if the client could not keep up"
    ),
    Column("received_ms", "ms", "when the server received it"),
    Column("queued_ms", "ms", "from receipt to its turn at the worker"),
    Column("decode_ms", "ms", "time to decode the JPEG"),
)
AFTER_NODES = (
    Column("total_ms", "ms", "from receipt to the hand-over of the answer, in the server"),
    Column("spared_ms", "ms", "time saved by running a network with several threads"),
    Column("answered_ms", "ms", "when its answer came"),
    Column("round_trip_ms", "ms", "from the time it was *due* to its answer"),
    Column("fate", FATES, "the frame's outcome"),
    Column("cause", CAUSES, "why it was dropped"),
    Column("state", STATES, "the session's backpressure state when it was decided on"),
)
NODE_MEANING = "time in a node of the pipeline, a column for each node"


def node_column(node: str) -> str:
    """Return the name of a node's column.

    >>> node_column("detect")
    'node_detect_ms'
    """
    return f"node_{node}_ms"


def frame_columns(nodes: Iterable[str]) -> list[Column]:
    """Return the columns of a frames table, in order, for a pipeline of these nodes."""
    named = (Column(node_column(node), "ms", NODE_MEANING) for node in nodes)
    return [*BEFORE_NODES, *named, *AFTER_NODES]


EVENT_COLUMNS = (
    Column("session", "int", "which session"),
    Column("time_ms", "ms", "when the client learned of it"),
    Column(
        "kind",
        ("state", "slow_down", "rate", "setting", "error"),
        "the state changed; the server asked for a lower rate; a client fell to a rate, or was set "
        "to it; a setting of the session was changed; the server ended the session",
    ),
    Column("state", STATES, "the new state"),
    Column("fps", "ms", "the rate asked for, or fallen to, frames a second"),
    Column("detail", "text", "the error's code and detail, or the settings"),
)


BOX = ("x", "y", "width", "height")
DETECTION_COLUMNS = ("session", "frame_index", "video_frame", "label", "score", *BOX)
"""Columns of a table of detections without rows."""
NULLABLE = ("track_id",)
"""Columns of whole numbers that may be missing."""


def detections_table(rows: Sequence[Mapping[str, Any]]) -> "pd.DataFrame":
    """Return a table of detections, one row each; an unknown `track_id` is `<NA>`."""
    import pandas as pd

    if not rows:
        return pd.DataFrame(columns=[*DETECTION_COLUMNS])
    table = pd.DataFrame(rows)
    for name in table.columns.intersection(NULLABLE):
        try:
            table[name] = table[name].astype("Int64")
        except (TypeError, ValueError):
            # a user's tool may have track ids of another type
            continue
    return table


def typed(table: "pd.DataFrame", columns: Iterable[Column]) -> "pd.DataFrame":
    """Return a table with exactly these columns, in order, of their kinds; missing values NaN."""
    import pandas as pd

    made: dict[str, pd.Series] = {}
    for column in columns:
        if column.name in table:
            values = table[column.name]
        else:
            values = pd.Series([None] * len(table), index=table.index, dtype=object)
        if column.kind == "int":
            made[column.name] = values.astype("int64")
        elif column.kind == "ms":
            made[column.name] = pd.to_numeric(values).astype("float64")
        elif column.kind == "text":
            made[column.name] = values.astype(object).where(values.notna(), None)
        else:
            kind = pd.CategoricalDtype(list(column.kind))
            made[column.name] = values.astype(kind)
    return pd.DataFrame(made, index=table.index)
