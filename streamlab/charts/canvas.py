"""What every chart is drawn on: a figure that fits a notebook's cell, and plain words on it."""

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
"""Points of a legend's text."""
LABEL_POINTS = 38
"""What an axis takes under the axes with its ticks and its label."""
ENTRY_IN = 0.5
CHARACTER_IN = 0.065
"""Inches that an entry of a legend takes, and each character of it."""
LONGEST_NAME = 40
SPREAD = 8.0
"""Values that exceed their p95 so many times are shown on a logarithmic axis."""


def axes_for(ax: "Axes | None", height_in: float = HEIGHT_IN) -> "Axes":
    """Return `ax`, or the axes of a new figure, which a notebook shows at the end of its cell."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    _, made = plt.subplots(figsize=(WIDTH_IN, height_in), layout="constrained")
    return on_any_background(made)


def on_any_background(ax: "Axes") -> "Axes":
    """Make axes and their figure transparent, with texts that are read on white and on black.

    A figure that is saved is the same, and can be read wherever it is put.
    """
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
    """Return the colour of the axes' texts: a user's own axes keep theirs."""
    return ax.xaxis.label.get_color()


def new_figure(width_in: float, height_in: float) -> "Figure":
    """Return a figure for a function that returns figures; a notebook shows it once.

    Notebooks show both the value of a cell and every figure that pyplot holds at its end, so it is
    taken from pyplot there. Elsewhere `plt.show()` shows it.
    """
    import matplotlib
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(width_in, height_in), layout="constrained")
    figure.patch.set_alpha(0.0)
    if "inline" in matplotlib.get_backend().lower():
        plt.close(figure)
    return figure


def say(ax: "Axes", sentence: str) -> "Axes":
    """Leave the axes empty but for a sentence that says why."""
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


def plain(text: object, longest: int = LONGEST_NAME) -> str:
    """Return a user's text as a label: one line, not too long, and nothing in it is markup."""
    words = shorten(text, longest)
    # Matplotlib sets what is between dollar signs as mathematics, and hides labels that begin
    # with an underscore
    words = words.replace("$", r"\$")
    return f" {words}" if words.startswith("_") else words


def target_line(ax: "Axes", along: str, label: str | None = None) -> Any:
    """Mark the round trip that streamlab aims at, on the axis `along`, "x" or "y"."""
    draw = ax.axhline if along == "y" else ax.axvline
    name = label or f"target {TARGET_MS:g} ms"
    return draw(TARGET_MS, color=ink(ax), linewidth=1, linestyle=(0, (6, 3)), label=name)


def is_spread(values: Sequence[float]) -> bool:
    """Whether a linear axis would press most of the values together for the sake of a few."""
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


def quiet(ax: "Axes", grid: str = "y") -> None:
    """Give axes a light grid behind the data, and no frame where there is no axis."""
    ax.grid(axis=grid, color="#80808050", linewidth=0.6)  # type: ignore[arg-type]
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)


def legend_below(ax: "Axes") -> None:
    """Put the legend under the axes and their label, where it hides no data and is not cut off."""
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
    """Return in how many columns a legend of these labels fits a width; it is filled by column."""
    entries_in = [ENTRY_IN + CHARACTER_IN * len(label) for label in labels]
    for columns in range(len(labels), 1, -1):
        lines = math.ceil(len(labels) / columns)
        widths = [max(entries_in[n : n + lines]) for n in range(0, len(labels), lines)]
        if sum(widths) <= width_in:
            return len(widths)
    return 1


def beside(ax: "Axes", y: float, text: str) -> None:
    """Write a row's figures to the right of the axes, where they hide nothing."""
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
    """Return the width of the figure that the axes will be given, in inches."""
    width = ax.figure.bbox.width / ax.figure.dpi
    place = ax.get_subplotspec()
    if place is None:
        return float(width * ax.get_position().width)
    ratios: Any = place.get_gridspec().get_width_ratios()
    columns = place.colspan
    share = sum(ratios[columns.start : columns.stop]) / sum(ratios)
    return float(width * share)
