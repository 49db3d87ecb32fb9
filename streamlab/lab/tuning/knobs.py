"""What the sliders of a threshold panel move: names, ranges, and which policy heeds which."""

from collections.abc import Mapping
from numbers import Real
from typing import Any, NamedTuple

from streamlab.backpressure import policies
from streamlab.backpressure.settings import TUNABLE
from streamlab.declaration import Setting
from streamlab.errors import OptionError
from streamlab.replay.plan import PLAN_SETTINGS

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


def knob_of(setting: Setting) -> Knob:
    """Return the knob of a setting that has a slider."""
    assert setting.slider is not None
    return Knob(setting.name, setting.title_with_unit.lower(), *setting.slider, setting.meaning)


_ALWAYS = tuple(name for name, each in PLAN_SETTINGS.items() if each.slider)
"""What is put on the server makes a difference under every policy."""
KNOBS = tuple(knob_of(each) for each in (*TUNABLE.values(), *PLAN_SETTINGS.values()) if each.slider)


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
