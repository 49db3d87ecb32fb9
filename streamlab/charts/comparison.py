"""Comparison of recordings: the distribution of round trips over all frames sent."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from streamlab.charts.canvas import (
    HEIGHT_IN,
    SPREAD,
    axes_for,
    label_text,
    legend_below,
    light_grid,
    target_line,
    write_message,
)
from streamlab.charts.distribution import draw_steps, fit_latencies
from streamlab.charts.queries import processed
from streamlab.charts.style import compared_look
from streamlab.errors import OptionError
from streamlab.recording.summary import TARGET_MS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from streamlab.recording.data import RecordingData


LINE_IN = 0.18
LONGEST_NAME = 48


def compare_recordings(
    recordings: "Mapping[str, RecordingData]", ax: "Axes | None" = None
) -> "Axes":
    """Draw the share of *all* sent frames of each recording over the round trip (ms).

    A curve ends at the share of processed frames, so dropped frames lower it. The legend has that
    share and p50 and p95 of the processed frames.
    """
    if not isinstance(recordings, Mapping):
        raise OptionError(
            "recordings", type(recordings).__name__, "a dict of recordings by name is allowed"
        )
    ax = axes_for(ax, HEIGHT_IN + LINE_IN * len(recordings))
    values: list[float] = []
    tops: list[float] = []
    for position, (name, recording) in enumerate(recordings.items()):
        colour, style = compared_look(position)
        figures = recording.overall()
        trips = sorted(processed(recording.frames)["round_trip_ms"].tolist())
        label = label_text(name, LONGEST_NAME)
        if not trips:
            sent = f"{figures['sent']} frames" if figures["sent"] else "no frame"
            ax.plot([], [], color=colour, linestyle=style, label=f"{label}: {sent}, none processed")
            continue
        share = len(trips) / figures["sent"]
        label += f": {100 * share:.1f} % processed"
        label += f", p50 {figures['p50_ms']:.1f} ms, p95 {figures['p95_ms']:.1f} ms"
        draw_steps(
            ax, trips, int(figures["sent"]), color=colour, linestyle=style, label=label, gid=name
        )
        ax.plot(trips[-1], share, "o", color=colour, markersize=4)
        values += trips
        tops.append(float(figures["p95_ms"]))
    if not recordings:
        return write_message(ax, "There is no recording to compare.")
    target_line(ax, "x")
    fit_latencies(
        ax, values or [TARGET_MS], max(tops, default=0.0) > SPREAD * min([TARGET_MS, *tops])
    )
    ax.set_ylabel("of all frames sent")
    light_grid(ax, "both")
    legend_below(ax)
    return ax
