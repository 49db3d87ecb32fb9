"""The cost of decoding and of each node of the pipeline."""

import math
from typing import TYPE_CHECKING

from streamlab.charts.canvas import (
    axes_for,
    ink,
    label_text,
    light_grid,
    write_beside,
    write_message,
)
from streamlab.charts.style import PARTS, node_look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from streamlab.recording.data import RecordingData

BAR_IN = 0.42


def node_costs(recording: "RecordingData", ax: "Axes | None" = None) -> "Axes":
    """Draw p50 (bar) and p95 (line) of decoding and of each node, in the pipeline's order.

    The percentages are shares of the mean time of a processed frame.
    """
    costs = recording.node_costs()
    costs = costs[costs["mean_ms"].notna()]
    ax = axes_for(ax, max(2.4, 1.2 + BAR_IN * len(costs)))
    if not len(costs):
        return write_message(
            ax, "No frame was processed with timings, so there are no costs to show."
        )
    looks = {name: node_look(position, name) for position, name in enumerate(recording.nodes)}
    widest = float(costs["p95_ms"].max()) or 1.0
    for position, (name, cost) in enumerate(costs.iterrows()):
        look = looks.get(name, PARTS["decode"])
        ax.barh(
            position,
            cost["p50_ms"],
            0.6,
            color=look.colour,
            hatch=look.hatch,
            edgecolor="white",
            linewidth=0,
        )
        ax.plot([cost["p50_ms"], cost["p95_ms"]], [position] * 2, color=ink(ax), linewidth=1)
        ax.plot(cost["p95_ms"], position, "|", color=ink(ax), markersize=9)
        share = "" if math.isnan(cost["share"]) else f", {100 * cost['share']:.0f} %"
        write_beside(ax, position, f"{_ms(cost['p50_ms'])} / {_ms(cost['p95_ms'])} ms{share}")
    ax.set_yticks(range(len(costs)), [label_text(name, 24) for name in costs.index])
    ax.set_ylim(len(costs) - 0.4, -0.6)
    ax.set_xlim(0, widest * 1.03)
    ax.set_xlabel("time in a processed frame (ms)")
    ax.set_title("p50 (bar) / p95 (line), share of the mean", fontsize=10)
    light_grid(ax, "x")
    return ax


def _ms(value: float) -> str:
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"
