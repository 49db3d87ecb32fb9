"""What both panels do: follow their sliders, draw the last of a burst of moves, show, export."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, Self

from streamlab.lab.tuning.controls import ExportArea, Status, column
from streamlab.lab.tuning.debounce import Bursts


class Movable(Protocol):
    """Settings that are moved by name."""

    settings: dict[str, Any]
    start: dict[str, Any]

    def set(self, **changes: Any) -> bool:
        """Change settings, and say whether anything changed."""


class Panel:
    """Sliders over a picture: a subclass makes its widgets and calls `_show`; `_draw` draws."""

    sliders: Mapping[str, Any]
    image: Any
    """The widget of the picture."""
    _export: ExportArea

    def __init__(self, tuning: Movable) -> None:
        self._settings = tuning
        self.status = Status()
        self.redraws = 0
        """How many pictures have been drawn."""
        self.widget: Any = None
        self._bursts = Bursts(self._redraw)
        self._is_following = False
        self._is_on_page = False

    @property
    def settings(self) -> dict[str, Any]:
        """What the sliders say."""
        return dict(self._settings.settings)

    @property
    def picture(self) -> bytes:
        """The picture of these settings, encoded."""
        self._bursts.settle()
        picture: bytes = self.image.value
        return picture

    def set(self, **settings: Any) -> Self:
        """Move sliders by name; raises `OptionError`, and moves none then."""
        if self._settings.set(**settings):
            self._follow()
            self._bursts.call()
            if self._is_on_page and not self._bursts.is_timed:
                self._bursts.settle()
        return self

    def reset(self) -> Self:
        """Move all sliders to where they started."""
        return self.set(**self._settings.start)

    def export(self, kind: str, path: str | Path | None = None) -> str:
        """Return the settings as text, show it, and write it to a file if `path` is given."""
        return self._export.export(kind, path)

    def _show(self, widgets: Iterable[Any], css: str) -> None:
        """Put widgets under each other, move with the sliders, and draw the first picture."""
        for name, widget in self.sliders.items():
            widget.observe(lambda change, name=name: self._moved(name, change["new"]), "value")
        self.widget = column([*widgets, self.status.widget, self._export.shown])
        self.widget.add_class(css)
        self._follow()
        self._redraw()

    def _moved(self, name: str, value: Any) -> None:
        if not self._is_following:
            self.status.telling(lambda: self.set(**{name: value}))()

    def _follow(self) -> None:
        """Put the sliders where the settings are, which is no move of theirs."""
        self._is_following = True
        try:
            for name, widget in self.sliders.items():
                self._place(name, widget)
        finally:
            self._is_following = False

    def _place(self, name: str, widget: Any) -> None:
        widget.value = self._settings.settings[name]

    def _redraw(self) -> None:
        self._draw()
        self.redraws += 1
        self.status.say("")

    def _draw(self) -> None:
        raise NotImplementedError

    def _repr_mimebundle_(self, **options: Any) -> Any:
        self._is_on_page = True
        self._bursts.settle()
        return self.widget._repr_mimebundle_(**options)

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        return f"<{type(self).__name__}: {settings}>"
