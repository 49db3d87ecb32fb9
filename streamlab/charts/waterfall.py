"""A waterfall of single frames: the breakdown of each round trip."""

import operator
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from streamlab.charts.canvas import (
    axes_for,
    label_text,
    legend_below,
    light_grid,
    target_line,
    write_beside,
    write_message,
)
from streamlab.charts.latency_breakdown import NODE, decided_ms, segments
from streamlab.charts.queries import outcomes, session_frames
from streamlab.charts.style import OUTCOMES, PARTS, PROCESSED, Look, node_look
from streamlab.errors import OptionError
from streamlab.recording.summary import TARGET_MS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from streamlab.recording.data import RecordingData

DEFAULT_FRAMES = 12
"""Number of frames that are shown if none are named."""
ROW_IN = 0.25
MOST_LABELLED = 45
"""Number of rows up to which each is labelled."""


def waterfall(
    recording: "RecordingData",
    frames: Iterable[int] | None = None,
    session: int = 0,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw each frame of a session as a bar of its parts, in ms since it was due.

    The bar of a frame that was not processed ends when the client learned of its outcome. Without
    `frames`, those around the first frame that was not processed are drawn, else those around the
    slowest. Raises `OptionError` for an unknown session or frame.
    """
    rows = session_frames(recording, session)
    if frames is None:
        shown, why = notable_frames(rows)
    else:
        shown, why = chosen_frames(rows, frames), ""
    ax = axes_for(ax, min(14.0, max(2.6, 1.6 + ROW_IN * len(shown))))
    if not len(shown):
        return write_message(ax, "No frame of this session has a time to show.")
    found = outcomes(shown)
    used: set[str] = set()
    longest = 0.0
    for position, ((_, row), outcome) in enumerate(zip(shown.iterrows(), found, strict=True)):
        end = _draw_row(ax, position, row, outcome, recording.nodes, used)
        longest = max(longest, end)
        if len(shown) <= MOST_LABELLED:
            write_beside(ax, position, _words(row, outcome))
    if len(shown) <= MOST_LABELLED:
        ax.set_yticks(range(len(shown)), [str(n) for n in shown["frame_index"]])
    else:
        step = len(shown) // MOST_LABELLED + 1
        ax.set_yticks(
            range(0, len(shown), step), [str(n) for n in shown["frame_index"].iloc[::step]]
        )
    ax.set_ylim(len(shown) - 0.4, -0.6)
    if longest > TARGET_MS / 2:
        target_line(ax, "x")
        longest = max(longest, TARGET_MS)
    ax.set_xlim(0, max(longest, 1.0) * 1.03)
    ax.set_xlabel("time since the frame was due (ms)")
    ax.set_ylabel("frame")
    if why:
        ax.set_title(why, fontsize=10)
    light_grid(ax, "x")
    _legend(ax, recording.nodes, used)
    return ax


def notable_frames(rows: "pd.DataFrame", count: int = DEFAULT_FRAMES) -> "tuple[pd.DataFrame, str]":
    """Return the frames around the first one not processed, else the slowest, and a title."""
    rows = rows[rows["scheduled_ms"].notna()]
    if not len(rows):
        return rows, ""
    lost = rows["fate"] != PROCESSED
    if lost.any():
        at, what = int(lost.to_numpy().argmax()), "the first frame not processed"
    elif rows["round_trip_ms"].notna().any():
        at = int(rows["round_trip_ms"].fillna(-1).to_numpy().argmax())
        what = "the slowest frame"
    else:
        at, what = 0, "the first frame"
    first = max(0, min(at - count // 2, len(rows) - count))
    shown = rows.iloc[first : first + count]
    return shown, f"session {int(rows['session'].iloc[0])}, around {what}"


def chosen_frames(rows: "pd.DataFrame", frames: Iterable[int]) -> "pd.DataFrame":
    """Return the rows of these frames, in this order; raises `OptionError` for an unknown one."""
    places = {int(number): place for place, number in enumerate(rows["frame_index"])}
    chosen = []
    if not isinstance(frames, Iterable):
        raise OptionError("frames", frames, "a list of frame numbers is allowed")
    for frame in frames:
        try:
            number = operator.index(frame)
        except TypeError:
            raise OptionError("frame", frame, "a whole number is allowed") from None
        if number not in places:
            allowed = f"{min(places)} to {max(places)}" if places else "none"
            raise OptionError("frame", number, f"there is no such frame; there is {allowed}")
        chosen.append(places[number])
    return rows.iloc[chosen]


def _look(part: str, nodes: list[str]) -> Look:
    if part in PARTS:
        return PARTS[part]
    name = part.removeprefix(NODE)
    return node_look(nodes.index(name), label_text(name, 24))


def _draw_row(
    ax: "Axes", position: int, row: Any, outcome: str, nodes: list[str], used: set[str]
) -> float:
    """Draw a frame's bar, add its parts to `used`, and return its end in ms."""
    end = 0.0
    for part, start, length in segments(row, nodes):
        look = _look(part, nodes)
        _bar(ax, position, start, length, look, part)
        used.add(part)
        end = start + length
    decided = decided_ms(row)
    if outcome != PROCESSED:
        used.add(outcome)
        if decided > end:
            _bar(ax, position, end, decided - end, OUTCOMES[outcome], outcome)
            return decided
        look = OUTCOMES[outcome]
        ax.plot(end, position, look.marker, color=look.colour, clip_on=False, gid=outcome)
    return end


def _bar(ax: "Axes", position: int, start: float, length: float, look: Look, gid: str) -> None:
    ax.barh(
        position,
        length,
        0.72,
        start,
        color=look.colour,
        hatch=look.hatch,
        edgecolor="white" if look.hatch != PARTS["late"].hatch else "#AAAAAA",
        linewidth=0,
        gid=gid,
    )


def _words(row: Any, outcome: str) -> str:
    after_ms = row["round_trip_ms"] if outcome == PROCESSED else decided_ms(row)
    time = f"{after_ms:.1f} ms" if after_ms == after_ms else ""
    label = "" if outcome == PROCESSED else OUTCOMES[outcome].label.removeprefix("dropped: ")
    return f"{time}  {label}".strip()


def _legend(ax: "Axes", nodes: list[str], used: set[str]) -> None:
    """Add legend entries for the parts that were drawn, in order of time."""
    before = ["late", "upload", "queued", "decode"]
    for part in [*before, *(NODE + node for node in nodes), "rest", "answer", *OUTCOMES]:
        if part in used:
            look = OUTCOMES[part] if part in OUTCOMES else _look(part, nodes)
            ax.barh(
                [0],
                [0],
                color=look.colour,
                hatch=look.hatch,
                edgecolor="white",
                linewidth=0,
                label=look.label,
            )
    legend_below(ax)
