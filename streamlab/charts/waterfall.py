"""A waterfall of single frames: where the time of each went."""

import operator
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from streamlab.charts.canvas import axes_for, beside, legend_below, plain, quiet, say, target_line
from streamlab.charts.rows import outcomes, session_frames
from streamlab.charts.segments import NODE, segments, told_ms
from streamlab.charts.style import OUTCOMES, PARTS, PROCESSED, Look, node_look
from streamlab.errors import OptionError
from streamlab.recording.summary import TARGET_MS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from streamlab.recording.data import RecordingData

TELLING = 12
"""Frames that are shown where none are asked for."""
ROW_IN = 0.25
MOST_LABELLED = 45
"""Rows up to which each has its number and its words."""


def waterfall(
    recording: "RecordingData",
    frames: Iterable[int] | None = None,
    session: int = 0,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw each frame of a session as a bar of its parts, in ms from when it was due.

    Frames that were not processed end when their fate was told. Without `frames`, those around
    the first frame that was lost are drawn, else those around the slowest. Raises `OptionError`
    for a session or a frame that there is not.
    """
    rows = session_frames(recording, session)
    if frames is None:
        shown, why = telling_frames(rows)
    else:
        shown, why = chosen_frames(rows, frames), ""
    ax = axes_for(ax, min(14.0, max(2.6, 1.6 + ROW_IN * len(shown))))
    if not len(shown):
        return say(ax, "No frame of this session has a time to show.")
    found = outcomes(shown)
    used: set[str] = set()
    longest = 0.0
    for position, ((_, row), outcome) in enumerate(zip(shown.iterrows(), found, strict=True)):
        end = _draw_row(ax, position, row, outcome, recording.nodes, used)
        longest = max(longest, end)
        if len(shown) <= MOST_LABELLED:
            beside(ax, position, _words(row, outcome))
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
    quiet(ax, "x")
    _legend(ax, recording.nodes, used)
    return ax


def telling_frames(rows: "pd.DataFrame", count: int = TELLING) -> "tuple[pd.DataFrame, str]":
    """Return the frames around the first that was lost, else the slowest, and which that is."""
    rows = rows[rows["scheduled_ms"].notna()]
    if not len(rows):
        return rows, ""
    lost = rows["fate"] != PROCESSED
    if lost.any():
        at, what = int(lost.to_numpy().argmax()), "the first frame that was lost"
    elif rows["round_trip_ms"].notna().any():
        at = int(rows["round_trip_ms"].fillna(-1).to_numpy().argmax())
        what = "the slowest frame"
    else:
        at, what = 0, "the first frame"
    first = max(0, min(at - count // 2, len(rows) - count))
    shown = rows.iloc[first : first + count]
    return shown, f"session {int(rows['session'].iloc[0])}, around {what}"


def chosen_frames(rows: "pd.DataFrame", frames: Iterable[int]) -> "pd.DataFrame":
    """Return the rows of these frames, in this order; raises `OptionError` for one not there."""
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
    return node_look(nodes.index(name), plain(name, 24))


def _draw_row(
    ax: "Axes", position: int, row: Any, outcome: str, nodes: list[str], used: set[str]
) -> float:
    """Draw a frame's bar, note what it is made of in `used`, and return where it ends."""
    end = 0.0
    for part, start, length in segments(row, nodes):
        look = _look(part, nodes)
        _bar(ax, position, start, length, look, part)
        used.add(part)
        end = start + length
    told = told_ms(row)
    if outcome != PROCESSED:
        used.add(outcome)
        if told > end:
            _bar(ax, position, end, told - end, OUTCOMES[outcome], outcome)
            return told
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
    told = row["round_trip_ms"] if outcome == PROCESSED else told_ms(row)
    after = f"{told:.1f} ms" if told == told else ""
    fate = "" if outcome == PROCESSED else OUTCOMES[outcome].label.removeprefix("dropped: ")
    return f"{after}  {fate}".strip()


def _legend(ax: "Axes", nodes: list[str], used: set[str]) -> None:
    """Name what was drawn, in the order in which it happens."""
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
