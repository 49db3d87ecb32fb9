"""The distribution of the round trip, as an empirical cumulative distribution function."""

from typing import TYPE_CHECKING

from streamlab.charts.canvas import (
    axes_for,
    is_heavy_tailed,
    legend_below,
    light_grid,
    logarithmic,
    target_line,
    write_message,
)
from streamlab.charts.queries import processed, session_numbers
from streamlab.charts.style import BLUE, GREY, INK, QUANTILE_STYLES
from streamlab.quantiles import quantile
from streamlab.recording.summary import QUANTILES, TARGET_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from streamlab.recording.data import RecordingData

MOST_SESSIONS = 20
"""Number of sessions up to which each is drawn as a curve of its own."""


def latency_ecdf(recording: "RecordingData", ax: "Axes | None" = None) -> "Axes":
    """Draw the share of processed frames over the round trip (ms).

    Vertical lines are p50, p95 and p99 over all sessions; several sessions are thin grey curves.
    """
    ax = axes_for(ax)
    done = processed(recording.frames)
    values = sorted(done["round_trip_ms"].tolist())
    if not values:
        return write_message(ax, "No frame was processed, so there is no latency to show.")
    numbers = session_numbers(recording)
    if 1 < len(numbers) <= MOST_SESSIONS:
        for label, (_, trips) in zip(
            ["each session", *[None] * len(numbers)],
            done.groupby("session")["round_trip_ms"],
            strict=False,
        ):
            draw_steps(
                ax, sorted(trips.tolist()), len(trips), color=GREY, linewidth=0.7, label=label
            )
    draw_steps(ax, values, len(values), color=BLUE, linewidth=1.8, gid="ecdf")
    for (name, style), (_, share) in zip(QUANTILE_STYLES.items(), QUANTILES, strict=True):
        at = quantile(values, share)
        line = ax.axvline(at, color=INK, linewidth=1, linestyle=style, label=f"{name} {at:.1f} ms")
        line.set_gid(name)
    within = sum(value <= TARGET_MS for value in values) / len(values)
    target_line(ax, "x", f"target {TARGET_MS:g} ms: {100 * within:.1f} % met it")
    fit_latencies(ax, values, is_heavy_tailed(values))
    ax.set_ylabel("of the processed frames")
    ax.set_title(f"round trip of {len(values)} processed frames", fontsize=10)
    light_grid(ax, "both")
    legend_below(ax)
    return ax


def draw_steps(ax: "Axes", ordered: "Sequence[float]", of: int, **look: object) -> None:
    """Draw the share of `of` frames that do not exceed each of the ordered values."""
    shares = [count / of for count in range(len(ordered) + 1)]
    # Matplotlib takes any keyword of a line
    ax.step([ordered[0], *ordered], shares, where="post", **look)  # type: ignore[arg-type]


def fit_latencies(ax: "Axes", values: "Sequence[float]", spread: bool) -> None:
    """Scale the horizontal axis to latencies, logarithmic if `spread`, the other to shares."""
    top = max(TARGET_MS, *values) * 1.03
    if spread:
        logarithmic(ax, "x")
        ax.set_xlim(max(min(TARGET_MS, *values) / 1.2, 0.1), top * 1.2)
    else:
        ax.set_xlim(0, top)
    ax.set_ylim(0, 1.02)
    ax.set_xlabel("round trip (ms)")
    ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
