"""The figures under a panel's picture, as a line of HTML: what they are, and what has moved."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, NamedTuple

from streamlab.charts.style import BLUE, VERMILION

# the middle of a notebook's width is left to the browser: cells wrap
LINE = "display:flex;flex-wrap:wrap;gap:4px 13px;line-height:1.35;margin:2px 0 0 2px"
NAME = "font-size:11px;opacity:.75"
VALUE = "font-size:16px;font-variant-numeric:tabular-nums;white-space:nowrap"
CHANGE = "font-size:12px;margin-left:4px;font-weight:600"
SMALL = "font-size:11px;opacity:.75;margin-left:2px"
MINUS = "\u2212"


class Told(NamedTuple):
    """A figure that is told: `scale` and `unit` are how, `digits` come after the point."""

    key: str
    label: str
    unit: str = ""
    scale: float = 1.0
    digits: int = 0
    more_is_better: bool | None = False

    def value(self, figures: Mapping[str, Any]) -> str:
        """Return the figure with its unit, a dash where there is none."""
        value = figures[self.key]
        if value is None or value != value:
            return "n/a"
        return f"{self._number(value)}{self._unit}"

    def change(self, figures: Mapping[str, Any], start: Mapping[str, Any]) -> str:
        """Return how the figure differs from where it started, signed; empty if it does not."""
        new, old = figures[self.key], start[self.key]
        if new is None or old is None or new != new or old != old:
            return ""
        if self._number(new) == self._number(old):
            return ""
        # the difference of what is shown, so that a reader's sum comes out
        moved = float(self._number(new)) - float(self._number(old))
        return f"{'+' if moved > 0 else MINUS}{abs(moved):.{self.digits}f}"

    def colour(self, change: str) -> str:
        """Return the colour of a change: for the better, for the worse, or neither."""
        if self.more_is_better is None or not change:
            return "inherit"
        return BLUE if change.startswith("+") == self.more_is_better else VERMILION

    @property
    def _unit(self) -> str:
        return f" {self.unit}" if self.unit else ""

    def _number(self, value: float) -> str:
        return f"{value * self.scale:.{self.digits}f}"


LOAD = (
    Told("processed_share", "processed", "%", 100, 1, True),
    Told("drop_rate", "drop rate", "%", 100, 1),
    Told("p50_ms", "round trip p50", "ms", digits=1),
    Told("p95_ms", "round trip p95", "ms", digits=1),
    Told("staleness_p95_ms", "staleness p95", "ms", digits=1),
    Told("state_changes", "state changes"),
    Told("slow_downs", "asked to slow down"),
)
FOUND = (
    Told("precision", "precision", "%", 100, 1, True),
    Told("recall", "recall", "%", 100, 1, True),
    Told("f1", "F1", "%", 100, 1, True),
    Told("tp", "right", more_is_better=True),
    Told("fp", "wrong"),
    Told("fn", "missed"),
    Told("texts_right", "texts: right", more_is_better=True),
    Told("texts_wrong", "wrong"),
    Told("texts_unread", "unread"),
)
COUNTED = (
    Told("detections", "detections", more_is_better=None),
    Told("texts", "with a text", more_is_better=None),
    Told("here", "on this frame", more_is_better=None),
)


def line(told: Iterable[Told], figures: Mapping[str, Any], start: Mapping[str, Any]) -> str:
    """Return figures as a line of HTML, each with how it differs from where it started."""
    cells = []
    for each in told:
        change = each.change(figures, start)
        style = f"{CHANGE};color:{each.colour(change)}"
        cells.append(
            f'<div><div style="{NAME}">{escape(each.label)}</div>'
            f'<span style="{VALUE}" data-figure="{each.key}">{each.value(figures)}</span>'
            f'<span style="{style}">{change}</span></div>'
        )
    return f'<div style="{LINE}">{"".join(cells)}</div>'


def small(sentence: str) -> str:
    """Return a sentence in small print, as HTML."""
    return f'<div style="{SMALL}">{escape(sentence)}</div>'
