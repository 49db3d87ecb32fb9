"""`Panel`: the base of both panels: follows its sliders, redraws debounced, exports."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, Self

from streamlab.lab.tuning.controls import ExportArea, Status, column
from streamlab.lab.tuning.debounce import Debouncer


class PanelSettings(Protocol):
    """The settings of a panel."""

    settings: dict[str, Any]
    start: dict[str, Any]

    def set(self, **changes: Any) -> bool:
        """Change settings and return whether anything changed."""


class Panel:
    """Sliders over a picture: a subclass makes its widgets and calls `_show`; `_draw` draws."""

    sliders: Mapping[str, Any]
    image: Any
    """The widget of the picture."""
    _export: ExportArea

    def __init__(self, tuning: PanelSettings) -> None:
        self._settings = tuning
        self.status = Status()
        self.redraws = 0
        """Number of pictures drawn."""
        self.widget: Any = None
        self._debouncer = Debouncer(self._redraw)
        self._is_following = False
        self._is_on_page = False

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the sliders."""
        return dict(self._settings.settings)

    @property
    def picture(self) -> bytes:
        """The picture of these settings, encoded."""
        self._debouncer.flush()
        picture: bytes = self.image.value
        return picture

    def set(self, **settings: Any) -> Self:
        """Move sliders by name; raises `OptionError` and then moves none."""
        if self._settings.set(**settings):
            self._follow()
            self._debouncer.call()
            if self._is_on_page and not self._debouncer.is_timed:
                self._debouncer.flush()
        return self

    def reset(self) -> Self:
        """Move all sliders to the start settings."""
        return self.set(**self._settings.start)

    def export(self, kind: str, path: str | Path | None = None) -> str:
        """Return the settings as text, show it, and write it to a file if `path` is given."""
        return self._export.export(kind, path)

    def _show(self, widgets: Iterable[Any], css: str) -> None:
        """Lay out the widgets, observe the sliders and draw the first picture."""
        for name, widget in self.sliders.items():
            widget.observe(lambda change, name=name: self._moved(name, change["new"]), "value")
        self.widget = column([*widgets, self.status.widget, self._export.shown])
        self.widget.add_class(css)
        self._follow()
        self._redraw()

    def _moved(self, name: str, value: Any) -> None:
        if not self._is_following:
            self.status.showing_errors(lambda: self.set(**{name: value}))()

    def _follow(self) -> None:
        """Set the sliders to the settings, without handling that as a user's move."""
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
        self.status.show("")

    def _draw(self) -> None:
        raise NotImplementedError

    def _repr_mimebundle_(self, **options: Any) -> Any:
        self._is_on_page = True
        self._debouncer.flush()
        return self.widget._repr_mimebundle_(**options)

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        return f"<{type(self).__name__}: {settings}>"
