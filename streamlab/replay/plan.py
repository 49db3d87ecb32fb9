"""`ReplayPlan`: what a replay puts on a server; what sessions decide by is `ReplaySettings`."""

from dataclasses import dataclass, replace

from streamlab.backpressure.settings import SESSION_SETTINGS, TunableOptions
from streamlab.client.options import STREAM_OPTIONS, check_option
from streamlab.declaration import Slider, declared, setting
from streamlab.kinds import Flag, Whole

RECORDED = "as recorded"


@dataclass(frozen=True)
class ReplayPlan:
    """How a trace is replayed; what is None is as it was recorded.

    `fps`, `sessions`, `workers`, `seconds`, `adaptive` and `seed` as in `StreamOptions`; `workers`
    beyond those of the recorded server are taken as further machines like it.
    """

    fps: float | None = setting(
        None,
        STREAM_OPTIONS["fps"].kind,
        "frames that each client sends a second",
        label="rate",
        unit="fps",
        slider=Slider(1.0, 120.0, 1.0),
        unset=RECORDED,
    )
    sessions: int | None = setting(
        None,
        STREAM_OPTIONS["sessions"].kind,
        "clients that stream at once",
        slider=Slider(1, 8, 1),
        unset=RECORDED,
    )
    workers: int | None = setting(
        None,
        Whole(1),
        "workers that the sessions share",
        slider=Slider(1, 8, 1),
        unset=RECORDED,
    )
    seconds: float | None = setting(
        None, STREAM_OPTIONS["seconds"].kind, "how long to stream", unset=RECORDED
    )
    adaptive: bool | None = setting(
        None, Flag(), "whether clients follow `slow_down`", unset=RECORDED
    )
    seed: int = setting(
        0, STREAM_OPTIONS["seed"].kind, "where within a frame's interval each session begins"
    )

    def __post_init__(self) -> None:
        """Refuse what cannot be replayed; raises `OptionError`."""
        for name, each in PLAN_SETTINGS.items():
            check_option(each, getattr(self, name))


PLAN_SETTINGS = declared(ReplayPlan)
"""What a replay puts on a server, by name."""
PLAN_NAMES = tuple(PLAN_SETTINGS)


REPLAY_OPTIONS = {
    name: replace(each, default=None, unset=RECORDED) for name, each in SESSION_SETTINGS.items()
} | PLAN_SETTINGS
"""What a replay can be given, by name."""


class CapacityOptionsDict(TunableOptions, total=False):
    """Options of `capacity`, which has arguments of its own for the load."""

    policy: str
    adaptive: bool | None
    seed: int


class ReplayOptionsDict(CapacityOptionsDict, total=False):
    """Names of `ReplaySettings` and `ReplayPlan` as arguments, for type checkers."""

    fps: float | None
    sessions: int | None
    workers: int | None
    seconds: float | None
