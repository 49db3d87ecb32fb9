"""The metrics under a panel's picture, as a line of HTML with their changes."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, NamedTuple

from streamlab.charts.style import BLUE, VERMILION

# cells wrap at the width of the notebook
LINE = "display:flex;flex-wrap:wrap;gap:4px 13px;line-height:1.35;margin:2px 0 0 2px"
NAME = "font-size:11px;opacity:.75"
VALUE = "font-size:16px;font-variant-numeric:tabular-nums;white-space:nowrap"
CHANGE = "font-size:12px;margin-left:4px;font-weight:600"
SMALL = "font-size:11px;opacity:.75;margin-left:2px"
MINUS = "\u2212"


class Metric(NamedTuple):
    """A figure of a panel: its key and label, `unit`, `scale` to that unit, decimal `digits`.

    `more_is_better` colours changes; None for neither.
    """

    key: str
    label: str
    unit: str = ""
    scale: float = 1.0
    digits: int = 0
    more_is_better: bool | None = False

    def value(self, figures: Mapping[str, Any]) -> str:
        """Return the figure with its unit, `n/a` if it is unknown."""
        value = figures[self.key]
        if value is None or value != value:
            return "n/a"
        return f"{self._number(value)}{self._unit}"

    def change(self, figures: Mapping[str, Any], start: Mapping[str, Any]) -> str:
        """Return the signed difference from the start; empty if there is none."""
        new, old = figures[self.key], start[self.key]
        if new is None or old is None or new != new or old != old:
            return ""
        if self._number(new) == self._number(old):
            return ""
        # the difference of the rounded values, so that the displayed numbers add up
        moved = float(self._number(new)) - float(self._number(old))
        return f"{'+' if moved > 0 else MINUS}{abs(moved):.{self.digits}f}"

    def colour(self, change: str) -> str:
        """Return the CSS colour of a change: better, worse, or neither."""
        if self.more_is_better is None or not change:
            return "inherit"
        return BLUE if change.startswith("+") == self.more_is_better else VERMILION

    @property
    def _unit(self) -> str:
        return f" {self.unit}" if self.unit else ""

    def _number(self, value: float) -> str:
        return f"{value * self.scale:.{self.digits}f}"


REPLAY_METRICS = (
    Metric("processed_share", "processed", "%", 100, 1, True),
    Metric("drop_rate", "drop rate", "%", 100, 1),
    Metric("p50_ms", "round trip p50", "ms", digits=1),
    Metric("p95_ms", "round trip p95", "ms", digits=1),
    Metric("staleness_p95_ms", "staleness p95", "ms", digits=1),
    Metric("state_changes", "state changes"),
    Metric("slow_downs", "asked to slow down"),
)
ACCURACY_METRICS = (
    Metric("precision", "precision", "%", 100, 1, True),
    Metric("recall", "recall", "%", 100, 1, True),
    Metric("f1", "F1", "%", 100, 1, True),
    Metric("tp", "right", more_is_better=True),
    Metric("fp", "wrong"),
    Metric("fn", "missed"),
    Metric("texts_right", "texts: right", more_is_better=True),
    Metric("texts_wrong", "wrong"),
    Metric("texts_unread", "unread"),
)
COUNT_METRICS = (
    Metric("detections", "detections", more_is_better=None),
    Metric("texts", "with a text", more_is_better=None),
    Metric("here", "on this frame", more_is_better=None),
)


def metrics_line(
    metrics: Iterable[Metric], figures: Mapping[str, Any], start: Mapping[str, Any]
) -> str:
    """Return metrics as a line of HTML, each with its difference from the start."""
    cells = []
    for metric in metrics:
        change = metric.change(figures, start)
        style = f"{CHANGE};color:{metric.colour(change)}"
        cells.append(
            f'<div><div style="{NAME}">{escape(metric.label)}</div>'
            f'<span style="{VALUE}" data-figure="{metric.key}">{metric.value(figures)}</span>'
            f'<span style="{style}">{change}</span></div>'
        )
    return f'<div style="{LINE}">{"".join(cells)}</div>'


def small(sentence: str) -> str:
    """Return a sentence in small print, as HTML."""
    return f'<div style="{SMALL}">{escape(sentence)}</div>'
