"""`ReplaySettings`: what a replayed session decides by."""

import warnings
from dataclasses import dataclass, fields, replace
from typing import Any

from streamlab.backpressure.checked import CheckedPolicy
from streamlab.backpressure.policies import check_policy
from streamlab.backpressure.settings import BackpressureSettings
from streamlab.client.options import check_backpressure
from streamlab.errors import OptionError


@dataclass(frozen=True)
class ReplaySettings(BackpressureSettings):
    """What a replayed session decides by; the settings that a served one has, with a `policy`.

    `policy` is the name of any policy that could be served, those of `policy_names()`. Thresholds
    are drop rates, 0 to 1. Raises `OptionError`.

    >>> ReplaySettings(policy="fifo", waiting_frames=8).changed({"policy": "latest"}).policy
    'latest'
    """

    def __post_init__(self) -> None:
        """Refuse what is not allowed."""
        check_policy(self.policy)
        check_backpressure(self)

    @property
    def backpressure(self) -> BackpressureSettings:
        """The settings as a session of the server has them."""
        return BackpressureSettings(**self.tunable, policy=self.policy)

    def changed(self, given: dict[str, Any]) -> "ReplaySettings":
        """Return these settings with others by name, but for None; raises `OptionError`."""
        known = [field.name for field in fields(self)]
        for name, value in given.items():
            if name not in known:
                raise OptionError(name, value, f"no such setting; there are: {', '.join(known)}")
        return replace(self, **{n: value for n, value in given.items() if value is not None})

    def make_policy(self) -> CheckedPolicy:
        """Return a new session's policy; raises `PolicyError` where it cannot be made."""
        return CheckedPolicy(self.backpressure)

    def make_line(self) -> CheckedPolicy:
        """Return `make_policy()`, by its old name; deprecated."""
        warnings.warn(
            "ReplaySettings.make_line is make_policy now; the old name goes with the next release",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.make_policy()
