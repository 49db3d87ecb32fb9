"""What a session decides by: each setting is declared here, once.

To add one, add a field to `QueueSettings` and its line to `TunableOptions`. Its environment
variable, URL parameter, Jupyter trait, flags of `streamlab serve` and `stream`, option of
`lab.stream`, place in a replay, PATCH and sliders are derived from the field; `python
docs/make_setting_tables.py` writes the documentation's tables. `Backpressure` finds it in its
`settings`.
"""

from dataclasses import dataclass
from typing import Any, TypedDict

from streamlab.declaration import Slider, declared, setting
from streamlab.kinds import Number, Text, Whole

ORDER_ALLOWED = "the slow-down threshold may not be under the drop threshold"

SHARE = Number(0, 1)
WINDOW = Number(0.1, 600, what="a number of seconds")
OVER_ALL = Slider(0.0, 1.0, 0.01)


@dataclass(frozen=True)
class Thresholds:
    """The thresholds: drop rates, 0 to 1."""

    drop_threshold: float = setting(
        0.10,
        SHARE,
        "windowed drop rate above which a session sheds frames",
        variable="STREAM_DROP_THRESHOLD",
        label="Drop threshold",
        unit="%",
        slider=OVER_ALL,
    )
    slowdown_threshold: float = setting(
        0.30,
        SHARE,
        "windowed drop rate above which the client is asked to slow down",
        variable="STREAM_SLOWDOWN_THRESHOLD",
        label="Slow-down threshold",
        unit="%",
        slider=OVER_ALL,
    )


@dataclass(frozen=True)
class QueueSettings:
    """How many frames wait, and the time that is looked back on, in seconds."""

    waiting_frames: int = setting(
        2,
        Whole(1, 1000),
        "frames that may wait in a session that is not shedding",
        variable="STREAM_WAITING_FRAMES",
        label="Waiting frames",
        slider=Slider(1, 20, 1),
    )
    window_s: float = setting(
        2.0,
        WINDOW,
        "seconds over which a session's drop rate is taken",
        variable="STREAM_WINDOW_SECONDS",
        label="Window",
        unit="s",
        slider=Slider(0.5, 10.0, 0.1),
        flag="--window",
    )


@dataclass(frozen=True)
class TunableSettings(QueueSettings, Thresholds):
    """What a session decides by and can be changed while it runs: numbers, all of them.

    A server's settings have the defaults of its sessions under the same names.
    """

    @property
    def tunable(self) -> dict[str, Any]:
        """The settings of `TUNABLE` with their values."""
        return {name: getattr(self, name) for name in TUNABLE}


class TunableOptions(TypedDict, total=False):
    """`TunableSettings` as arguments, for type checkers; None is the server's own."""

    drop_threshold: float | None
    slowdown_threshold: float | None
    waiting_frames: int | None
    window_s: float | None


TUNABLE = declared(TunableSettings)
"""The settings that a session can be given in its URL, and while it runs, by name."""


@dataclass(frozen=True)
class PolicySetting(Thresholds):
    """The policy, which stands behind the thresholds where settings are given by position."""

    policy: str = setting(
        "realtime",
        Text(),
        "the admission policy, by name: `realtime` drops frames under overload, `lossless` reads "
        "no further instead",
    )


@dataclass(frozen=True)
class BackpressureSettings(TunableSettings, PolicySetting):
    """What a session decides by: `TunableSettings`, and the policy, which stays what it is.

    `policy` is the name of a registered policy. Nothing is checked here: what a user gives is
    checked where it is read.

    >>> BackpressureSettings(drop_threshold=0.2).waiting_frames
    2
    """


SESSION_SETTINGS = declared(BackpressureSettings)
"""All settings that a session decides by, by name."""
