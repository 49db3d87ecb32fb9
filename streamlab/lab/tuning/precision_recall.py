"""`PrecisionRecall`: the chart of a detection panel, with the point of the current threshold."""

from typing import TYPE_CHECKING, Any

import numpy as np

from streamlab.charts.canvas import label_text, light_grid, on_any_background
from streamlab.charts.style import BLUE, COMPARED_COLOURS, GREY, INK, LINE_STYLES, VERMILION
from streamlab.lab.tuning.layered_figure import WHOLE, LayeredFigure

if TYPE_CHECKING:
    from streamlab.accuracy import DetectionScores

SIZE_IN = (3.05, 4.8)
AXES = (0.225, 0.31, 0.70, 0.62)
THRESHOLDS = np.linspace(0, 1, 101)
MOST_LABELS = 4


class PrecisionRecall:
    """Draws the curve of all labels together, a thin one of each, and the current threshold."""

    def __init__(self, scores: "DetectionScores", start: float) -> None:
        import matplotlib.style
        from matplotlib.ticker import MaxNLocator

        with matplotlib.style.context("default"):
            self._layers = LayeredFigure(*SIZE_IN, {"all": WHOLE})
            ax = self._layers.figure.add_axes(AXES)
            lowest = self._curves(ax, scores)
            first = scores.counts(start)
            ax.plot(
                first.recall, first.precision, "o", color=GREY, markersize=9, label="at the start"
            )
            (point,) = ax.plot(
                [], [], "D", color=VERMILION, markersize=7, label="at this threshold"
            )
            ax.set_xlim(0, 1.02)
            ax.set_ylim(lowest, 1 + 0.02 * (1 - lowest))
            ax.set_xlabel("recall", fontsize=9, labelpad=1)
            ax.set_ylabel("precision", fontsize=9, labelpad=1)
            ax.tick_params(labelsize=8)
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
                axis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
            light_grid(ax, "both")
            on_any_background(ax)
            legend = self._layers.figure.legend(
                loc="lower left",
                bbox_to_anchor=(0.16, 0.0),
                fontsize=8,
                labelcolor=INK,
                frameon=False,
                labelspacing=0.35,
            )
            self._behind = (ax, legend)
            self._point = self._layers.moving(point)
            heading = ax.text(0, 1.025, "", transform=ax.transAxes, fontsize=9, color=INK)
            self._heading = self._layers.moving(heading)

    def draw(self, threshold: float, precision: float, recall: float) -> bytes:
        """Return the chart with the point of a threshold, as a PNG."""
        self._point.set_data([recall], [precision])
        self._heading.set_text(f"score at least {threshold:.2f}, IoU at least 0.5")
        return self._layers.draw({"all": self._behind}, {"all": None})

    def _curves(self, ax: Any, scores: "DetectionScores") -> float:
        """Draw the curves and return the lower limit of the precision axis."""
        if len(scores.labels) > 1:
            for number, label in enumerate(scores.labels[:MOST_LABELS], 1):
                _, precision, recall = scores.curve(label)
                style = LINE_STYLES[number % len(LINE_STYLES)]
                colour = COMPARED_COLOURS[number % len(COMPARED_COLOURS)]
                ax.plot(
                    recall, precision, style, color=colour, linewidth=1, label=label_text(label, 24)
                )
        counts = [scores.counts(float(threshold)) for threshold in THRESHOLDS]
        every_recall = [each.recall for each in counts]
        every_precision = np.array([each.precision for each in counts])
        name = "all labels" if len(scores.labels) > 1 else label_text(scores.labels[0], 24)
        ax.plot(every_recall, every_precision, color=BLUE, linewidth=1.8, label=name)
        known = every_precision[~np.isnan(every_precision)]
        return max(0.0, float(np.floor(known.min(initial=1.0) * 10) / 10) - 0.1)
