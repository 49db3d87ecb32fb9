"""Charts of sweeps: the Pareto front of settings, and capacity by number of sessions."""

from typing import TYPE_CHECKING

from streamlab.charts.canvas import (
    axes_for,
    ink,
    legend_below,
    light_grid,
    logarithmic,
    on_any_background,
    target_line,
    write_message,
)
from streamlab.charts.style import INK, VERMILION, compared_look
from streamlab.client.options import one_of
from streamlab.replay.recommend import pareto

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from streamlab.replay.recommend import Recommendation

NOTABLE_DROP_RATE = 0.01
"""Drop rate from which on a latency is marked, since dropped frames have no latency."""
LOG_RATIO = 12
"""Ratio of maximum to minimum from which on an axis is logarithmic."""


def pareto_chart(
    table: "pd.DataFrame",
    recommendation: "Recommendation | None" = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a sweep: frames processed over p95 latency, staleness as colour, the front ringed.

    The settings of a recommendation are marked. Settings without processed frames are left out.
    """
    ax = axes_for(ax)
    shown = table[table["p95_ms"].notna()]
    if not len(shown):
        return write_message(ax, "No setting of this sweep processed a frame.")
    points = ax.scatter(
        shown["p95_ms"], shown["processed_fps"], c=shown["staleness_p95_ms"], cmap="viridis_r",
        s=26, alpha=0.85, linewidths=0,
    )  # fmt: skip
    bar = ax.figure.colorbar(points, ax=ax, pad=0.02)
    on_any_background(bar.ax)
    bar.set_label("age of the answer on screen, p95 (ms)", color=ink(ax))
    bar.outline.set_edgecolor(ink(ax))
    front = pareto(shown).sort_values(["p95_ms", "processed_fps"])
    ax.scatter(
        front["p95_ms"], front["processed_fps"], s=80, facecolors="none", edgecolors=INK,
        linewidths=1.2, label=f"not beaten in all three ({len(front)} of {len(table)})",
    )  # fmt: skip
    if shown["p95_ms"].max() > LOG_RATIO * shown["p95_ms"].min():
        logarithmic(ax, "x")
    target_line(ax, "x")
    if recommendation is not None:
        at = recommendation.expected
        ax.scatter(
            [at["p95_ms"]], [at["processed_fps"]], marker="*", s=180, color=VERMILION,
            edgecolors=INK, linewidths=0.8, zorder=5, label="recommended",
        )  # fmt: skip
    ax.set_xlabel("round trip, p95 (ms)")
    ax.set_ylabel("frames processed a second, a session")
    light_grid(ax, "both")
    legend_below(ax)
    return ax


def capacity_curve(
    table: "pd.DataFrame", metric: str = "p95_ms", ax: "Axes | None" = None
) -> "Axes":
    """Draw a metric of `capacity` over the number of sessions, a line for each number of workers.

    Only processed frames have a latency, which falls as more frames are dropped: points at which
    over 1 % of the frames are dropped are ringed. Compare with `metric="drop_rate"`.
    """
    ax = axes_for(ax)
    is_latency = metric.endswith("_ms")
    if not len(table):
        return write_message(ax, "Nothing was replayed.")
    one_of("metric", metric, tuple(map(str, table.select_dtypes("number"))))
    for number, (workers, part) in enumerate(table.groupby("workers")):
        part = part.sort_values("sessions")
        colour, style = compared_look(number)
        name = f"{workers} worker{'s' if workers != 1 else ''}"
        ax.plot(part["sessions"], part[metric], f"o{style}", markersize=4, color=colour, label=name)
        lossy = part[part["drop_rate"] > NOTABLE_DROP_RATE] if is_latency else part[:0]
        ax.plot(
            lossy["sessions"], lossy[metric], "o", markersize=7, markerfacecolor="none",
            color=colour, gid=f"dropping, {name}",
        )  # fmt: skip
    if is_latency and (table["drop_rate"] > NOTABLE_DROP_RATE).any():
        share = f"{100 * NOTABLE_DROP_RATE:g} %"
        ax.plot(
            [], [], "o", markersize=7, markerfacecolor="none", color=ink(ax),
            label=f"more than {share} of the frames dropped",
        )  # fmt: skip
    if table["sessions"].max() > LOG_RATIO * table["sessions"].min():
        logarithmic(ax, "x")
    if is_latency:
        target_line(ax, "y")
    ax.set_ylim(bottom=0)
    names = {"p95_ms": "round trip, p95 (ms)", "drop_rate": "share of frames dropped"}
    ax.set_ylabel(names.get(metric, metric))
    ax.set_xlabel("sessions at once")
    light_grid(ax)
    legend_below(ax)
    return ax
