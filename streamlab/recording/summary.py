"""Summary figures of a run: counts, rates, quantiles and staleness.

Recordings, replays and sweeps are all summarised here, so that they are comparable.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from streamlab.backpressure.realtime import DROP_CAUSES
from streamlab.client.record import CAUSES, FATES
from streamlab.quantiles import rank
from streamlab.recording.columns import node_column

if TYPE_CHECKING:
    import pandas as pd

TARGET_MS = 40.0
"""The target round trip of streamlab."""

QUANTILES = (("p50_ms", 0.50), ("p95_ms", 0.95), ("p99_ms", 0.99))
PROCESSED = FATES.index("processed")
DROPPED = FATES.index("dropped")
NO_CAUSE = -1

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]


class Columns(NamedTuple):
    """Frames as arrays of one length; times in milliseconds, NaN where unknown.

    `outcome` and `cause` are positions in `FATES` and `CAUSES`, `NO_CAUSE` for frames not dropped.
    """

    session: Ints
    scheduled_ms: Floats
    sent_ms: Floats
    queued_ms: Floats
    answered_ms: Floats
    round_trip_ms: Floats
    outcome: Ints
    cause: Ints

    def by_session(self) -> list["Columns"]:
        """Return the rows of each session, in their order."""
        if not len(self.session):
            return []
        order = np.argsort(self.session, kind="stable")
        bounds = np.flatnonzero(np.diff(self.session[order])) + 1
        parts = zip(*(np.split(column[order], bounds) for column in self), strict=True)
        return [Columns(*part) for part in parts]


def quantile_of(values: Floats, share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed, or NaN."""
    values = values[~np.isnan(values)]
    if not len(values):
        return float("nan")
    position = rank(len(values), share)
    return float(np.partition(values, position)[position])


def figures(columns: Columns, fps: float, moment_ms: float) -> dict[str, Any]:
    """Return the figures of frames: counts by outcome and cause, rates, round-trip quantiles.

    `fps` is the nominal rate, `moment_ms` the interval at which staleness is sampled.
    Rates are frames a second of one session. Quantiles are over processed frames.
    """
    count = len(columns.session)
    outcomes = np.bincount(columns.outcome, minlength=len(FATES))
    causes = np.bincount(columns.cause[columns.cause >= 0], minlength=len(CAUSES))
    done = columns.outcome == PROCESSED
    sessions = columns.by_session()
    seconds = max((_span_s(session, fps) for session in sessions), default=0.0)
    found: dict[str, Any] = {"sent": count}
    found |= {outcome: int(n) for outcome, n in zip(FATES, outcomes, strict=True)}
    found |= {f"dropped_{cause}": int(n) for cause, n in zip(DROP_CAUSES, causes, strict=False)}
    found["drop_rate"] = found["dropped"] / count if count else float("nan")
    found["span_s"] = seconds
    per_session = seconds * len(sessions)
    found["sent_fps"] = count / per_session if count else float("nan")
    found["processed_fps"] = found["processed"] / per_session if count else float("nan")
    trips = columns.round_trip_ms[done]
    found |= {name: quantile_of(trips, share) for name, share in QUANTILES}
    known = trips[~np.isnan(trips)]
    found["max_ms"] = float(known.max()) if len(known) else float("nan")
    found["late_p95_ms"] = quantile_of(columns.sent_ms - columns.scheduled_ms, 0.95)
    found["queued_p95_ms"] = quantile_of(columns.queued_ms[done], 0.95)
    ages = [staleness_ms(session, moment_ms) for session in sessions]
    age = np.concatenate(ages) if ages else np.zeros(0)
    found["staleness_p50_ms"] = quantile_of(age, 0.50)
    found["staleness_p95_ms"] = quantile_of(age, 0.95)
    return found


def node_costs(frames: "pd.DataFrame", nodes: Sequence[str]) -> "pd.DataFrame":
    """Return p50, p95, mean (ms) and share of decoding and of each node, a row each."""
    import pandas as pd

    done = frames[frames["fate"] == "processed"]
    columns = {"decode": "decode_ms", **{node: node_column(node) for node in nodes}}
    rows = {}
    for name, column in columns.items():
        values = done[column].dropna()
        rows[name] = {
            "p50_ms": quantile_of(values.to_numpy(), 0.50),
            "p95_ms": quantile_of(values.to_numpy(), 0.95),
            "mean_ms": values.mean(),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("node")
    table["share"] = table["mean_ms"] / table["mean_ms"].sum()
    return table


def staleness_ms(columns: Columns, moment_ms: float) -> Floats:
    """Return the age of the newest answer at each moment of one session's video, milliseconds.

    Moments are the times at which a frame of the video is shown, every `moment_ms` from the first
    due time on. The age of an answer is the time since its frame was due; NaN before the first.
    """
    scheduled = columns.scheduled_ms[~np.isnan(columns.scheduled_ms)]
    if not len(scheduled) or not np.isfinite(moment_ms):
        return np.zeros(0)
    begin, end = scheduled.min(), scheduled.max()
    moments = np.arange(begin, end + moment_ms / 2, moment_ms)
    done = (columns.outcome == PROCESSED) & ~np.isnan(columns.answered_ms)
    answered, due = columns.answered_ms[done], columns.scheduled_ms[done]
    order = np.argsort(answered, kind="stable")
    newest = np.maximum.accumulate(due[order]) if len(order) else due
    latest = np.searchsorted(answered[order], moments, side="right") - 1
    ages = np.full(len(moments), np.nan)
    ages[latest >= 0] = moments[latest >= 0] - newest[latest[latest >= 0]]
    return ages


def _span_s(columns: Columns, fps: float) -> float:
    """Return the span of due times plus one interval, seconds."""
    scheduled = columns.scheduled_ms[~np.isnan(columns.scheduled_ms)]
    count = len(scheduled)
    span_s = float(scheduled.max() - scheduled.min()) / 1e3 if count else 0.0
    if count < 2 or span_s == 0:
        return 1 / fps
    return span_s * count / (count - 1)
