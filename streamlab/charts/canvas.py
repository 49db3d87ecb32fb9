"""Figures, axes, legends and labels that all charts share."""

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from streamlab.cards import shorten
from streamlab.charts.style import INK, OTHER_INK
from streamlab.quantiles import quantile
from streamlab.recording.summary import TARGET_MS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_IN = 9.5
HEIGHT_IN = 4.0
SMALL = 8
"""Font size of legends, points."""
LABEL_POINTS = 38
"""Height of the ticks and the label under the axes, points."""
ENTRY_IN = 0.5
CHARACTER_IN = 0.065
"""Width of a legend's entry, and of each of its characters."""
LONGEST_NAME = 40
SPREAD = 8.0
"""Ratio of maximum to p95 from which on an axis is logarithmic."""


def axes_for(ax: "Axes | None", height_in: float = HEIGHT_IN) -> "Axes":
    """Return `ax`, or the axes of a new pyplot figure, which a notebook shows after the cell."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    _, made = plt.subplots(figsize=(WIDTH_IN, height_in), layout="constrained")
    return on_any_background(made)


def on_any_background(ax: "Axes") -> "Axes":
    """Make axes and their figure transparent, with texts that are legible on light and dark."""
    ax.figure.patch.set_alpha(0.0)
    ax.patch.set_alpha(0.0)
    for spine in ax.spines.values():
        spine.set_edgecolor(INK)
    for text in (ax.xaxis.label, ax.yaxis.label, ax.title):
        text.set_color(INK)
    # JupyterLab puts a light or a dark box behind a transparent figure whose tick labels are all
    # dark or all light; these two greys are to either side of the middle, and look the same
    ax.tick_params(axis="x", which="both", color=INK, labelcolor=INK)
    ax.tick_params(axis="y", which="both", color=INK, labelcolor=OTHER_INK)
    return ax


def ink(ax: "Axes") -> Any:
    """Return the colour of the axes' texts; a user's own axes keep their colour."""
    return ax.xaxis.label.get_color()


def new_figure(width_in: float, height_in: float) -> "Figure":
    """Return a figure for a function that returns figures, so that a notebook shows it once.

    Notebooks show the value of a cell and every figure open in pyplot: there it is removed from
    pyplot. Elsewhere `plt.show()` shows it.
    """
    import matplotlib
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(width_in, height_in), layout="constrained")
    figure.patch.set_alpha(0.0)
    if "inline" in matplotlib.get_backend().lower():
        plt.close(figure)
    return figure


def write_message(ax: "Axes", sentence: str) -> "Axes":
    """Write a sentence into otherwise empty axes."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.text(
        0.5,
        0.5,
        textwrap.fill(sentence, 50),
        transform=ax.transAxes,
        ha="center",
        va="center",
        color=ink(ax),
    )
    return ax


def label_text(text: object, longest: int = LONGEST_NAME) -> str:
    """Return a user's text as a label: one line, shortened to `longest`, markup escaped."""
    words = shorten(text, longest)
    # Matplotlib sets what is between dollar signs as mathematics, and hides labels that begin
    # with an underscore
    words = words.replace("$", r"\$")
    return f" {words}" if words.startswith("_") else words


def target_line(ax: "Axes", along: str, label: str | None = None) -> Any:
    """Draw a line at the target round trip, `TARGET_MS`, on the axis `along`, "x" or "y"."""
    draw = ax.axhline if along == "y" else ax.axvline
    name = label or f"target {TARGET_MS:g} ms"
    return draw(TARGET_MS, color=ink(ax), linewidth=1, linestyle=(0, (6, 3)), label=name)


def is_heavy_tailed(values: Sequence[float]) -> bool:
    """Whether the maximum is so far above p95 that a logarithmic axis is needed."""
    largest = max(values, default=0.0)
    return largest > SPREAD * max(quantile(values, 0.95), 1.0)


def logarithmic(ax: "Axes", along: str) -> None:
    """Make the axis `along`, "x" or "y", logarithmic, with plain numbers on it."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis = ax.xaxis if along == "x" else ax.yaxis
    (ax.set_xscale if along == "x" else ax.set_yscale)("log")
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def light_grid(ax: "Axes", grid: str = "y") -> None:
    """Draw a light grid behind the data, and remove the top and right spines."""
    ax.grid(axis=grid, color="#80808050", linewidth=0.6)  # type: ignore[arg-type]
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)


def legend_below(ax: "Axes") -> None:
    """Place the legend under the axes and their label, where it covers no data."""
    from matplotlib.transforms import ScaledTranslation

    handles, labels = ax.get_legend_handles_labels()
    if not handles:
        return
    down = ScaledTranslation(0, -LABEL_POINTS / 72, ax.figure.dpi_scale_trans)
    ax.legend(
        handles,
        labels,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        bbox_transform=ax.transAxes + down,
        ncols=_columns(labels, _width_in(ax)),
        fontsize=SMALL,
        labelcolor=ink(ax),
        frameon=False,
        borderaxespad=0,
        columnspacing=1.5,
        markerscale=1.6,
    )


def _columns(labels: Sequence[str], width_in: float) -> int:
    """Return the number of columns in which a legend, filled by column, fits a width."""
    entries_in = [ENTRY_IN + CHARACTER_IN * len(label) for label in labels]
    for columns in range(len(labels), 1, -1):
        lines = math.ceil(len(labels) / columns)
        widths = [max(entries_in[n : n + lines]) for n in range(0, len(labels), lines)]
        if sum(widths) <= width_in:
            return len(widths)
    return 1


def write_beside(ax: "Axes", y: float, text: str) -> None:
    """Write a text to the right of the axes, at `y` of the data."""
    ax.text(
        1.01,
        y,
        text,
        transform=ax.get_yaxis_transform(),
        va="center",
        fontsize=SMALL,
        color=ink(ax),
    )


def _width_in(ax: "Axes") -> float:
    """Return the width of the axes' cell of the figure, in inches."""
    width = ax.figure.bbox.width / ax.figure.dpi
    place = ax.get_subplotspec()
    if place is None:
        return float(width * ax.get_position().width)
    ratios: Any = place.get_gridspec().get_width_ratios()
    columns = place.colspan
    share = sum(ratios[columns.start : columns.stop]) / sum(ratios)
    return float(width * share)
