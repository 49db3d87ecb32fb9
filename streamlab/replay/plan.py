"""`ReplayPlan`: what a replay puts on a server; what sessions decide by is `ReplaySettings`."""

from dataclasses import dataclass, fields

from streamlab.client.options import positive, whole


@dataclass(frozen=True)
class ReplayPlan:
    """How a trace is replayed; what is None is as it was recorded.

    `fps`, `sessions`, `workers`, `seconds`, `adaptive` and `seed` as in `StreamOptions`; `workers`
    beyond those of the recorded server are taken as further machines like it.
    """

    fps: float | None = None
    sessions: int | None = None
    workers: int | None = None
    seconds: float | None = None
    adaptive: bool | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be replayed."""
        positive("fps", self.fps, 1000.0)
        whole("sessions", self.sessions, 1)
        whole("workers", self.workers, 1)
        positive("seconds", self.seconds)
        whole("seed", self.seed, 0)


PLAN_NAMES = tuple(field.name for field in fields(ReplayPlan))
