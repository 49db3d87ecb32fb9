"""Widgets of the panels: sliders, layouts, buttons, a status line, the export area."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ipywidgets

from streamlab.errors import OptionError, StreamlabError
from streamlab.lab.tuning.knobs import Knob
from streamlab.lab.tuning.metrics_line import small

PICTURE_PX = 950
SLIDER_PX = 465
LABEL_PX = "140px"
WITHIN = "calc(100% - 4px)"
"""Maximum width of a widget: that of its container, less margins."""


def slider(knob: Knob, value: float) -> Any:
    """Return a slider for a setting, half as wide as a picture."""
    reach = knob.reaching(value)
    # a rate of 29.97 is not 30, and one of 30 is not 30.00
    shown = knob.step if value % knob.step == 0 or knob.step < 1 else 0.01
    digits = len(f"{shown:g}".partition(".")[2])
    kind = ipywidgets.IntSlider if knob.is_whole else ipywidgets.FloatSlider
    return kind(
        value=value,
        min=reach.least,
        max=reach.most,
        step=knob.step,
        description=knob.label,
        tooltip=knob.meaning,
        readout_format=f".{digits}f",
        style={"description_width": LABEL_PX},
        layout=ipywidgets.Layout(width=f"{SLIDER_PX}px", max_width=WITHIN),
    )


def move(widget: Any, value: float) -> None:
    """Set a slider to a value, extending its range if needed."""
    if value > widget.max:
        widget.max = value
    if value < widget.min:
        widget.min = value
    widget.value = value


def grid(widgets: Iterable[Any], columns: int = 2) -> Any:
    """Return widgets in columns, filled row by row."""
    layout = ipywidgets.Layout(
        grid_template_columns=f"repeat({columns}, minmax(0, {SLIDER_PX + 4}px))",
        grid_gap="0 12px",
        overflow="visible",
    )
    return ipywidgets.GridBox([*widgets], layout=layout)


def row(widgets: Iterable[Any]) -> Any:
    """Return widgets in a row that wraps."""
    layout = ipywidgets.Layout(flex_flow="row wrap", overflow="visible")
    return ipywidgets.HBox([*widgets], layout=layout)


def column(widgets: Iterable[Any], **layout: Any) -> Any:
    """Return widgets in a column without scroll bars of its own."""
    return ipywidgets.VBox([*widgets], layout={"overflow": "visible", **layout})


def button(text: str, hint: str, act: Callable[[], object]) -> Any:
    """Return a button."""
    made = ipywidgets.Button(description=text, tooltip=hint, layout={"width": "auto"})
    made.on_click(lambda _: act())
    return made


class Status:
    """The status line of a panel."""

    def __init__(self) -> None:
        self.text = ""
        self.widget = ipywidgets.HTML()

    def show(self, sentence: str) -> None:
        """Show a sentence."""
        self.text = sentence
        self.widget.value = small(sentence) if sentence else ""

    def showing_errors(self, act: Callable[[], object]) -> Callable[[], object]:
        """Return `act` for a button: a `StreamlabError` is shown instead of raised."""

        def run() -> object:
            try:
                return act()
            except StreamlabError as error:
                self.show(str(error))
                return None

        return run


class ExportArea:
    """A choice of formats, an export button, and the exported text with a save button."""

    def __init__(
        self,
        formats: Iterable[tuple[str, str]],
        names: dict[str, str],
        make: Callable[[str], str],
        status: Status,
    ) -> None:
        self._make = make
        self._names = names
        self._status = status
        self.format = ipywidgets.Dropdown(options=[*formats], layout={"width": "220px"})
        self.text = ipywidgets.Textarea(
            rows=9, layout={"width": f"{PICTURE_PX}px", "max_width": WITHIN}
        )
        self.file = ipywidgets.Text(
            value=names[self.format.value],
            description="file",
            style={"description_width": "30px"},
            layout={"width": "420px", "max_width": WITHIN},
        )
        show = button("Export", "show the settings as text", self._show)
        save = button("Save", "write the text to this file", status.showing_errors(self._save))
        self.buttons = [self.format, show] if len(self.format.options) > 1 else [show]
        self.shown = column([self.text, row([self.file, save])], display="none")

    def export(self, kind: str, path: str | Path | None = None) -> str:
        """Return the text of a format, show it, and write it to a file if `path` is given."""
        if kind not in self._names:
            allowed = " or ".join(map(repr, self._names))
            raise OptionError("kind", kind, f"{allowed} is allowed")
        text = self._make(kind)
        self.format.value = kind
        self.text.value = text
        self.file.value = self._names[kind] if path is None else str(path)
        self.shown.layout.display = "flex"
        if path is not None:
            self._save()
        return text

    def _show(self) -> None:
        self.export(self.format.value)

    def _save(self) -> None:
        path = Path(self.file.value)
        try:
            path.write_text(self.text.value)
        except OSError as error:
            raise OptionError("path", str(path), f"cannot be written: {error.strerror}") from None
        self._status.show(f"Written to {path.resolve()}.")
