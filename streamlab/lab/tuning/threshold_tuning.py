"""`ThresholdTuning`: the settings of a panel, and the replay of a trace under them; no widgets."""

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

from streamlab.errors import OptionError
from streamlab.lab.tuning.knobs import KNOBS, moved
from streamlab.replay.outcome import Replay
from streamlab.replay.plan import PLAN_NAMES, ReplayPlan
from streamlab.replay.policies import ReplaySettings
from streamlab.replay.trace_data import SETTING_NAMES

if TYPE_CHECKING:
    from streamlab.lab.recording import Recording
    from streamlab.replay.trace import Trace


class ThresholdTuning:
    """The settings of a threshold panel, and the replay under them.

    The replay runs lazily and is cached until a setting changes.

    >>> tuning = ThresholdTuning(recording.trace())
    >>> tuning.set(fps=60)
    >>> tuning.figures["drop_rate"]
    """

    def __init__(self, trace: "Trace[Recording]", start: Mapping[str, Any] | None = None) -> None:
        self.trace = trace
        recorded = {name: getattr(trace.settings, name) for name in SETTING_NAMES}
        recorded |= {
            "fps": trace.fps,
            "sessions": len(trace.work),
            "workers": trace.machine_workers,
        }
        self.settings = self._checked(recorded, start or {})
        self.start = dict(self.settings)
        self.replay_ms = 0.0
        """Duration of the last replay."""
        self._replay: Replay[Recording] | None = None
        self.start_replay = self.replay
        self.start_figures = self.figures

    def set(self, **changes: Any) -> bool:
        """Change settings by name and return whether anything changed; raises `OptionError`.

        The names are those of `Trace.run`.
        """
        made = self._checked(self.settings, changes)
        if made == self.settings:
            return False
        self.settings = made
        self._replay = None
        return True

    @property
    def replay(self) -> "Replay[Recording]":
        """The replay under the current settings."""
        if self._replay is None:
            began = perf_counter()
            self._replay = self.trace.run(self.settings)
            self.replay_ms = (perf_counter() - began) * 1e3
        return self._replay

    @property
    def figures(self) -> dict[str, Any]:
        """The figures of the replay, with the names of a sweep."""
        replay = self.replay
        changes = {"state_changes": replay.state_changes, "slow_downs": replay.slow_downs}
        return {**replay.figures(), **changes}

    @property
    def recording(self) -> "Recording":
        """The replay as a recording."""
        return self.replay.recording()

    @staticmethod
    def _checked(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
        for name, value in changes.items():
            if name not in (*SETTING_NAMES, *PLAN_NAMES):
                allowed = ", ".join((*SETTING_NAMES, *PLAN_NAMES))
                raise OptionError(name, value, f"no such setting; there are: {allowed}")
        made = moved(settings, changes)
        for knob in KNOBS:
            if knob.is_whole and isinstance(made[knob.name], float):
                raise OptionError(knob.name, made[knob.name], "a whole number is allowed")
        ReplaySettings(**{name: made[name] for name in SETTING_NAMES})
        ReplayPlan(**{name: made[name] for name in PLAN_NAMES if name in made})
        return made
