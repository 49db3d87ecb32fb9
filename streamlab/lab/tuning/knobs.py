"""What the sliders of a threshold panel move: names, ranges, and which policy heeds which."""

from collections.abc import Mapping
from numbers import Real
from typing import Any, NamedTuple

from streamlab.backpressure import policies
from streamlab.errors import OptionError

DROP, SLOWDOWN = "drop_threshold", "slowdown_threshold"


class Knob(NamedTuple):
    """A setting with a slider: from `least` to `most` by `step`, further if it starts further."""

    name: str
    label: str
    least: float
    most: float
    step: float
    meaning: str

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers are allowed."""
        return isinstance(self.step, int)

    def reaching(self, value: float) -> "Knob":
        """Return the same knob with a range that has the value in it."""
        return self._replace(least=min(self.least, value), most=max(self.most, value))


KNOBS = (
    Knob(DROP, "drop threshold", 0.0, 1.0, 0.01, "drop rate above which a session sheds frames"),
    Knob(
        SLOWDOWN,
        "slow-down threshold",
        0.0,
        1.0,
        0.01,
        "drop rate above which the client is told to slow down",
    ),
    Knob("waiting_frames", "waiting frames", 1, 10, 1, "frames that may wait in a normal session"),
    Knob("window_s", "window (s)", 0.5, 10.0, 0.1, "seconds over which the drop rate is taken"),
    Knob("fps", "rate (fps)", 1.0, 120.0, 1.0, "frames that each client sends a second"),
    Knob("sessions", "sessions", 1, 8, 1, "clients that stream at once"),
    Knob("workers", "workers", 1, 8, 1, "workers that the sessions share"),
)
TUNABLE = (DROP, SLOWDOWN, "waiting_frames", "window_s")
"""What a live session can be given while it runs."""

_ALWAYS = frozenset({"fps", "sessions", "workers"})


def heeds(policy: str, name: str) -> bool:
    """Whether a setting makes a difference under a policy.

    >>> heeds("realtime", "window_s"), heeds("lossless", "window_s")
    (True, False)
    """
    return name in _ALWAYS or policies.heeds(policy, name)


def moved(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with changes; a threshold that meets the other one pushes it along.

    Thresholds that are given together are taken as they are. Raises `OptionError` for a number
    that is none.

    >>> moved({"drop_threshold": 0.1, "slowdown_threshold": 0.3}, {"drop_threshold": 0.5})
    {'drop_threshold': 0.5, 'slowdown_threshold': 0.5}
    """
    for knob in KNOBS:
        value = changes.get(knob.name, 0)
        if isinstance(value, bool) or not isinstance(value, Real):
            raise OptionError(knob.name, value, "a number is allowed")
    made = {**settings, **changes}
    if DROP in changes and SLOWDOWN not in changes:
        made[SLOWDOWN] = max(made[SLOWDOWN], made[DROP])
    elif SLOWDOWN in changes and DROP not in changes:
        made[DROP] = min(made[DROP], made[SLOWDOWN])
    return made
