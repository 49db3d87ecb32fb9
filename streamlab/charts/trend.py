"""Latency over time of many sessions: quantiles and drops by half-second."""

from typing import TYPE_CHECKING, Any

from streamlab.charts.canvas import (
    is_heavy_tailed,
    legend_below,
    light_grid,
    logarithmic,
    on_any_background,
    target_line,
    write_message,
)
from streamlab.charts.latency_annotations import draw_bands
from streamlab.charts.queries import outcomes, processed, session_numbers, worst_spans
from streamlab.charts.style import BLUE, OUTCOMES, PROCESSED, QUANTILE_STYLES
from streamlab.quantiles import quantile
from streamlab.recording.summary import TARGET_MS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from streamlab.recording.data import RecordingData

STEP_S = 0.5
DROPS_SHARE = 0.25
"""Share of the axes' height, from the top, for the bars of dropped frames."""


def draw_trend(recording: "RecordingData", ax: "Axes") -> "Axes":
    """Draw p50 and p95 of the round trips of all sessions, and the drops, by half-second."""
    frames = recording.frames[recording.frames["scheduled_ms"].notna()]
    if not len(frames):
        return write_message(ax, "No frame of these sessions has a time to show.")
    done = processed(frames)
    steps = (done["scheduled_ms"] / 1e3 // STEP_S).astype(int)
    trips = done["round_trip_ms"].groupby(steps)
    values: list[float] = []
    for (name, style), share in zip(QUANTILE_STYLES.items(), (0.50, 0.95), strict=False):
        line = {step: quantile(group.tolist(), share) for step, group in trips}
        x = [(step + 0.5) * STEP_S for step in line]
        values += line.values()
        ax.plot(x, [*line.values()], style, color=BLUE, marker=".", label=name, gid=name)
    has_losses = _draw_losses(ax, frames)
    top, room = max([TARGET_MS * 1.15, *values]), 1 - DROPS_SHARE * has_losses
    if is_heavy_tailed(values):
        bottom = max(min([TARGET_MS, *values]) / 1.5, 0.1)
        logarithmic(ax, "y")
        ax.set_ylim(bottom, bottom * (top / bottom) ** (1 / room))
    else:
        ax.set_ylim(0, top * 1.03 / room)
    target_line(ax, "y")
    draw_bands(ax, worst_spans(recording), " (worst session)")
    ax.set_xlim(0, max(frames["scheduled_ms"].max() / 1e3 * 1.01, 0.1))
    ax.set_xlabel("when the frame was due (s)")
    ax.set_ylabel("round trip (ms)")
    count = len(session_numbers(recording))
    title = f"{count} sessions, by half-second: {len(done)} of {len(frames)} frames processed"
    ax.set_title(title, fontsize=10)
    light_grid(ax)
    legend_below(ax)
    return ax


def _draw_losses(ax: "Axes", frames: Any) -> bool:
    """Draw bars of the frames not processed, from the top; return whether there are any."""
    import pandas as pd

    found = outcomes(frames)
    steps = (frames["scheduled_ms"] / 1e3 // STEP_S).astype(int)
    is_lost = found != PROCESSED
    if not is_lost.any():
        return False
    found, steps = found[is_lost].to_numpy(), steps[is_lost].to_numpy()
    lost = pd.Series(1, index=pd.MultiIndex.from_arrays([found, steps]))
    counts = lost.groupby(level=[0, 1]).sum()
    most = int(lost.groupby(level=1).sum().max())
    axis = ax.twinx()
    on_any_background(axis)
    axis.set_gid("losses")
    base: dict[int, int] = {}
    for name, look in OUTCOMES.items():
        if name not in counts.index.get_level_values(0):
            continue
        of_name = counts[name]
        axis.bar(
            (of_name.index + 0.5) * STEP_S,
            of_name,
            STEP_S * 0.8,
            [base.get(step, 0) for step in of_name.index],
            color=look.colour,
            hatch=look.hatch,
            edgecolor="white",
            linewidth=0,
        )
        for step, count in of_name.items():
            base[step] = base.get(step, 0) + int(count)
        # named in the legend of the axes below
        ax.bar(
            [0],
            [0],
            color=look.colour,
            hatch=look.hatch,
            edgecolor="white",
            linewidth=0,
            label=f"{look.label} ({int(of_name.sum())})",
        )
    axis.set_ylim(most / DROPS_SHARE * 1.1, 0)
    axis.set_yticks([0, most])
    axis.set_ylabel("not processed / 0.5 s", loc="top", fontsize=8)
    axis.spines[["top"]].set_visible(False)
    return True
