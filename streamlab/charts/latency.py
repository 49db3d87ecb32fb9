"""Latency over time: every round trip, the drops and the session's states."""

from typing import TYPE_CHECKING, Any

from streamlab.charts.canvas import (
    axes_for,
    is_heavy_tailed,
    legend_below,
    light_grid,
    logarithmic,
    target_line,
    write_message,
)
from streamlab.charts.latency_annotations import RUG_ROW, draw_bands, draw_events, draw_rug
from streamlab.charts.queries import processed, session_frames, session_numbers, state_spans
from streamlab.charts.style import OUTCOMES, PROCESSED
from streamlab.charts.trend import draw_trend
from streamlab.recording.summary import TARGET_MS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from streamlab.recording.data import RecordingData

MOST_JOINED = 1500
"""Number of points up to which a line joins them."""


def latency_over_time(
    recording: "RecordingData", session: int | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw the round trips of a session over the time at which its frames were due.

    Frames that were not processed are marked at the top, each outcome and cause in its own row;
    bands are the states of backpressure, dotted lines requests to slow down. Without `session`,
    several sessions are drawn as their p50 and p95 by half-second, with the number of drops. Raises
    `OptionError` for an unknown session.
    """
    numbers = session_numbers(recording)
    if session is None and len(numbers) > 1:
        return draw_trend(recording, axes_for(ax))
    number = session if session is not None else (numbers[0] if numbers else 0)
    frames = session_frames(recording, number)
    ax = axes_for(ax)
    if not frames["scheduled_ms"].notna().any():
        return write_message(ax, "No frame of this session has a time to show.")
    done = processed(frames)
    rows = draw_rug(ax, frames)
    _draw_points(ax, done)
    _scale(ax, done["round_trip_ms"].tolist(), rows)
    target_line(ax, "y")
    draw_bands(ax, state_spans(recording, number))
    draw_events(ax, recording, number)
    events = recording.events["time_ms"][recording.events["session"] == number]
    # the last answers and events come after the last frame was due
    end_s = max([frames["scheduled_ms"].max(), *events.dropna()]) / 1e3
    ax.set_xlim(min(0.0, frames["scheduled_ms"].min() / 1e3), max(end_s * 1.01, 0.1))
    ax.set_xlabel("when the frame was due (s)")
    ax.set_ylabel("round trip (ms)")
    title = f"session {number}: " if len(numbers) > 1 else ""
    ax.set_title(f"{title}{len(done)} of {len(frames)} frames processed", fontsize=10)
    light_grid(ax)
    legend_below(ax)
    return ax


def _draw_points(ax: "Axes", done: Any) -> None:
    look = OUTCOMES[PROCESSED]
    x, y = done["scheduled_ms"] / 1e3, done["round_trip_ms"]
    many = len(done) > MOST_JOINED
    if not many:
        ax.plot(x, y, color=look.colour, linewidth=0.5, alpha=0.5)
    size = 1.5 if many else 2.5
    ax.plot(
        x,
        y,
        look.marker,
        color=look.colour,
        markersize=size,
        markeredgewidth=0,
        alpha=0.6 if many else 1.0,
        label=look.label,
        gid=PROCESSED,
    )


def _scale(ax: "Axes", values: list[float], rug_rows: int) -> None:
    """Scale the vertical axis so that the values lie under the rug."""
    top = max([TARGET_MS * 1.15, *values])
    room = 1 - RUG_ROW * rug_rows - 0.02
    if is_heavy_tailed(values):
        bottom = max(min([TARGET_MS, *values]), 0.1)
        logarithmic(ax, "y")
        ax.set_ylim(bottom / 1.5, bottom / 1.5 * (top * 1.5 / bottom) ** (1 / room))
    else:
        ax.set_ylim(0, top * 1.03 / room)
