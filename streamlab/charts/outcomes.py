"""The outcomes of the frames of each second."""

from typing import TYPE_CHECKING

from streamlab.charts.canvas import axes_for, legend_below, light_grid, write_message
from streamlab.charts.queries import outcomes
from streamlab.charts.style import OUTCOMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from streamlab.recording.data import RecordingData

MOST_BARS = 120
MOST_GAPS = 30
"""Number of bars up to which there are gaps between them."""
BAR_SECONDS = (1, 2, 5, 10, 30, 60, 300, 600, 3600)


def outcomes_by_second(recording: "RecordingData", ax: "Axes | None" = None) -> "Axes":
    """Draw the number of frames by outcome, drops by cause, for each second in which they were due.

    In long recordings a bar is several seconds, as the axis says.
    """
    import pandas as pd
    from matplotlib.ticker import MaxNLocator

    ax = axes_for(ax)
    frames = recording.frames[recording.frames["scheduled_ms"].notna()]
    if not len(frames):
        return write_message(ax, "No frame of this recording has a time to show.")
    due_s = frames["scheduled_ms"] / 1e3
    span_s = due_s.max()
    width = next((w for w in BAR_SECONDS if span_s / w <= MOST_BARS), BAR_SECONDS[-1])
    bins = (due_s // width).astype(int)
    counts = pd.crosstab(bins.to_numpy(), outcomes(frames).to_numpy())
    starts = counts.index * width
    bottom = starts * 0
    for name, look in OUTCOMES.items():
        if name not in counts:
            continue
        heights = counts[name].to_numpy()
        ax.bar(
            starts,
            heights,
            width * (0.92 if len(counts) <= MOST_GAPS else 1.0),
            bottom,
            align="edge",
            color=look.colour,
            hatch=look.hatch,
            edgecolor="white",
            linewidth=0,
            gid=name,
            label=f"{look.label} ({heights.sum()})",
        )
        bottom = bottom + heights
    ax.set_xlim(min(0, starts.min()), starts.max() + width)
    ax.set_ylim(0, max(bottom) * 1.05)
    ax.set_xlabel("when the frame was due (s)")
    ax.set_ylabel("frames a second" if width == 1 else f"frames in {width} s")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    light_grid(ax)
    legend_below(ax)
    return ax
