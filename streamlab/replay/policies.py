"""`ReplaySettings`: what a replayed session decides by."""

from dataclasses import dataclass, fields, replace
from typing import Any

from streamlab.backpressure.checked import CheckedPolicy
from streamlab.backpressure.policies import check_policy
from streamlab.backpressure.realtime import BackpressureSettings
from streamlab.client.options import check_backpressure
from streamlab.errors import OptionError


@dataclass(frozen=True)
class ReplaySettings:
    """What a replayed session decides by; the settings that a served one has, with a `policy`.

    `policy` is the name of any policy that could be served, those of `policy_names()`. Thresholds
    are drop rates, 0 to 1. Raises `OptionError`.

    >>> ReplaySettings(policy="fifo", waiting_frames=8).changed({"policy": "latest"}).policy
    'latest'
    """

    drop_threshold: float = BackpressureSettings.drop_threshold
    slowdown_threshold: float = BackpressureSettings.slowdown_threshold
    policy: str = BackpressureSettings.policy
    waiting_frames: int = BackpressureSettings.waiting_frames
    window_s: float = BackpressureSettings.window_s

    def __post_init__(self) -> None:
        """Refuse what is not allowed."""
        check_policy(self.policy)
        check_backpressure(self)

    @property
    def backpressure(self) -> BackpressureSettings:
        """The settings as a session of the server has them."""
        return BackpressureSettings(
            self.drop_threshold,
            self.slowdown_threshold,
            self.policy,
            self.waiting_frames,
            self.window_s,
        )

    def changed(self, given: dict[str, Any]) -> "ReplaySettings":
        """Return these settings with others by name; raises `OptionError`."""
        known = [field.name for field in fields(self)]
        for name, value in given.items():
            if name not in known:
                raise OptionError(name, value, f"no such setting; there are: {', '.join(known)}")
        return replace(self, **given)

    def make_policy(self) -> CheckedPolicy:
        """Return a new session's policy; raises `PolicyError` where it cannot be made."""
        return CheckedPolicy(self.backpressure)
