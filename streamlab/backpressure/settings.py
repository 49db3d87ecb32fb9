"""What a session decides by."""

from dataclasses import dataclass
from typing import Literal

Policy = Literal["realtime", "lossless"]
POLICIES: tuple[Policy, ...] = ("realtime", "lossless")


@dataclass(frozen=True)
class BackpressureSettings:
    """What a session decides by. Thresholds are drop rates, 0 to 1; the window is in seconds.

    `policy` is "realtime", which drops frames under overload, or "lossless", which reads no
    further instead. Nothing is checked here: what a user gives is checked where it is read.

    >>> BackpressureSettings(drop_threshold=0.2).waiting_frames
    2
    """

    drop_threshold: float = 0.10
    slowdown_threshold: float = 0.30
    policy: Policy = "realtime"
    waiting_frames: int = 2
    window_s: float = 2.0
