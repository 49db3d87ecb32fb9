"""`ThresholdPanel`: sliders over a trace's replay, with buttons to apply and to export."""

from collections.abc import Sequence
from itertools import chain, zip_longest
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import ipywidgets

from streamlab.backpressure.policies import meaning_of_policy, policy_names
from streamlab.backpressure.settings import TUNABLE
from streamlab.errors import ServerError
from streamlab.lab.tuning.controls import (
    LABEL_PX,
    PICTURE_PX,
    SLIDER_PX,
    WITHIN,
    ExportArea,
    button,
    grid,
    move,
    row,
    slider,
)
from streamlab.lab.tuning.dashboard import Dashboard
from streamlab.lab.tuning.knobs import KNOBS, heeds
from streamlab.lab.tuning.metrics_line import REPLAY_METRICS, metrics_line, small
from streamlab.lab.tuning.panel import Panel
from streamlab.lab.tuning.threshold_tuning import ThresholdTuning
from streamlab.replay.export import environment_lines, jupyter_config, settings_json

if TYPE_CHECKING:
    from streamlab.lab.interfaces import StreamingLab
    from streamlab.lab.recording import Recording
    from streamlab.replay.trace import Trace

CSS_CLASS = "streamlab-tune"
FORMATS = (
    ("environment variables", "env"),
    ("JSON", "json"),
    ("Jupyter configuration", "jupyter"),
)
FILES = {
    "env": "streamlab.env",
    "json": "streamlab-settings.json",
    "jupyter": "jupyter_server_config.py",
}
_LOAD = [knob.name for knob in KNOBS if knob.name not in TUNABLE]
_SERVERS = [knob.name for knob in KNOBS if knob.name in TUNABLE]
ORDER = tuple(filter(None, chain.from_iterable(zip_longest(_SERVERS, _LOAD))))
"""Beside each other in the panel: what a server is set to, and what is put on it."""


class ThresholdPanel(Panel):
    """Sliders for all settings of a replay, over its picture; a notebook shows it.

    It works without a notebook too: `set` moves the sliders; `figures`, `recording` and `picture`,
    a PNG, are those of the current settings. A threshold that meets the other one pushes it along.

    >>> panel = lab.tune(recording)
    >>> panel.set(fps=60, drop_threshold=0.2)
    >>> panel.figures["p95_ms"]
    """

    def __init__(
        self, trace: "Trace[Recording]", lab: "StreamingLab | None" = None, **start: Any
    ) -> None:
        self.tuning = ThresholdTuning(trace, start)
        super().__init__(self.tuning)
        self.lab = lab
        self._dashboard = Dashboard(self.tuning.start_replay)
        knobs = {knob.name: knob for knob in KNOBS}
        settings, status = self.settings, self.status
        self.sliders = {name: slider(knobs[name], settings[name]) for name in ORDER}
        self.sliders["policy"] = ipywidgets.Dropdown(
            options=policy_names(),
            value=settings["policy"],
            description="policy",
            tooltip="how frames are kept and dropped",
            style={"description_width": LABEL_PX},
            layout={"width": f"{SLIDER_PX}px", "max_width": WITHIN},
        )
        self.image = ipywidgets.Image(
            format="png", layout={"width": f"{PICTURE_PX}px", "max_width": WITHIN}
        )
        self.line = ipywidgets.HTML()
        self.fine_print = ipywidgets.HTML()
        self._export = ExportArea(FORMATS, FILES, self._text, status)
        apply = button(
            "Apply to the running stream",
            "apply thresholds, waiting frames and window to the running stream of this lab: "
            "lab.streaming() or a LiveView",
            status.showing_errors(self.apply),
        )
        apply.disabled = lab is None
        back = button("Back to the start", "move all sliders to the start settings", self.reset)
        buttons = row([apply, back, *self._export.buttons])
        sliders = grid(self.sliders.values())
        self._show([sliders, self.image, self.line, self.fine_print, buttons], CSS_CLASS)

    @property
    def figures(self) -> dict[str, Any]:
        """The figures of the replay under these settings, with the names of a sweep."""
        return self.tuning.figures

    @property
    def recording(self) -> "Recording":
        """The replay under these settings as a recording."""
        return self.tuning.recording

    def apply(self, session_ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Apply thresholds, waiting frames and window to the lab's running sessions.

        Sessions are selected as by `Lab.apply`. Returns their settings afterwards. Rate, sessions,
        workers and policy cannot be changed in a running session. Raises `ServerError`.
        """
        if self.lab is None:
            raise ServerError("this panel has no lab to apply to; make it with lab.tune(trace)")
        chosen = {name: self.settings[name] for name in TUNABLE}
        sessions = self.lab.apply(chosen, session_ids)
        count = f"{len(sessions)} running session{'s' if len(sessions) != 1 else ''}"
        values = ", ".join(f"{name} {value:g}" for name, value in chosen.items())
        which = ", ".join(f"{s['session_id']} ({s['pipeline_id']})" for s in sessions)
        self.status.show(f"Applied to {count}, {which}: {values}.")
        return sessions

    def export(self, kind: str = "env", path: str | Path | None = None) -> str:
        """Return the settings as text, show it, and write it to a file if `path` is given.

        `kind` is "env" for `STREAM_*` lines, "json" with the figures that are expected, "jupyter"
        for lines of `jupyter_server_config.py`. Raises `OptionError`.
        """
        return super().export(kind, path)

    def _text(self, kind: str) -> str:
        if kind == "json":
            return settings_json(self.settings, self.figures)
        return (environment_lines if kind == "env" else jupyter_config)(self.settings)

    def _place(self, name: str, widget: Any) -> None:
        """Set a slider to its setting, and disable it if the policy ignores it."""
        settings = self.tuning.settings
        if name == "policy":
            widget.value = settings[name]
            return
        move(widget, settings[name])
        widget.disabled = not heeds(settings["policy"], name)

    def _draw(self) -> None:
        tuning = self.tuning
        replay, figures = tuning.replay, tuning.figures
        began = perf_counter()
        self.image.value = self._dashboard.draw(replay)
        draw_ms = (perf_counter() - began) * 1e3
        self.line.value = metrics_line(
            REPLAY_METRICS, _with_share(figures), _with_share(tuning.start_figures)
        )
        policy = tuning.settings["policy"]
        self.fine_print.value = small(
            f"{policy}: {meaning_of_policy(policy)}. Replay of {figures['sent']} frames in "
            f"{tuning.replay_ms:.0f} ms, picture in {draw_ms:.0f} ms. Differences are from a "
            "replay of the start settings."
        )


def _with_share(figures: dict[str, Any]) -> dict[str, Any]:
    sent = figures["sent"]
    return {**figures, "processed_share": figures["processed"] / sent if sent else None}
