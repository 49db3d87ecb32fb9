"""Admission policies side by side, in virtual time: one session, 50 ms a frame, 60 s.

The replay's own engine runs every policy of the registry that drops frames, a FIFO of 100 beside
them.
"""

from collections.abc import Sequence

import numpy as np

from streamlab.quantiles import quantile
from streamlab.replay.engine import Machine
from streamlab.replay.policies import ReplaySettings
from streamlab.replay.session_load import SessionLoad, SessionOutcome

from .table import show

SERVICE_S = 0.05
SECONDS = 60
STALL_S = 0.4


class ListedPace:
    """Frames are due at times that are listed, in seconds, whatever the server says."""

    def __init__(self, arrivals: Sequence[float]) -> None:
        self.arrivals = arrivals
        self.fps = len(arrivals) / SECONDS

    def due(self, index: int) -> float:
        """Return when a frame is due."""
        return self.arrivals[index]

    def dropped(self, now: float) -> None:
        """Carry on."""

    def slow_down(self, now: float, target_fps: float) -> None:
        """Carry on."""


def run(
    arrivals: Sequence[float], service_s: Sequence[float], settings: ReplaySettings
) -> SessionOutcome:
    """Run one session alone on a worker; `service_s` is what each frame takes."""
    load = SessionLoad(
        pace=ListedPace(arrivals),
        phase_s=0.0,
        service_s=list(service_s),
        usual_s=list(service_s),
        deferred_s=[0.0] * len(service_s),
        deferred_cap_s=0.0,
        delays=[(0.0, 0.0, 0.0)],
        busy_workers=[0],
        delays_by_busy=[],
        max_frames=len(arrivals),
    )
    [outcome] = Machine([load], settings.make_policy, workers=1).run()
    return outcome


def regular(fps: float) -> list[float]:
    """Return even arrivals."""
    return [k / fps for k in range(int(fps * SECONDS))]


def bursts(fps: float, size: int) -> list[float]:
    """Return arrivals of `size` frames at once, `fps` on average."""
    return [k // size * size / fps for k in range(int(fps * SECONDS))]


def steady(arrivals: Sequence[float]) -> list[float]:
    """Return the service times of a pipeline that is always the same."""
    return [SERVICE_S] * len(arrivals)


def stalled(arrivals: Sequence[float]) -> list[float]:
    """Return those of a pipeline that stalls once, at the first frame after half the time."""
    first = next(k for k, at in enumerate(arrivals) if at >= SECONDS / 2)
    return [STALL_S if k == first else SERVICE_S for k in range(len(arrivals))]


def warming(arrivals: Sequence[float]) -> list[float]:
    """Return those of a pipeline of 20 ms whose first frame takes 200 ms."""
    return [0.2, *[0.02] * (len(arrivals) - 1)]


SCENARIOS = [
    ("15 fps", regular(15), steady),
    ("30 fps, 20 ms, first frame 200 ms", regular(30), warming),
    ("bursts of 3, 15 fps", bursts(15, 3), steady),
    ("bursts of 3, one stall", bursts(15, 3), stalled),
    ("one 400 ms stall, 10 fps", regular(10), stalled),
    ("one 400 ms stall, 15 fps", regular(15), stalled),
    ("2.5 % over capacity", regular(20.5), steady),
    ("twice the capacity", regular(40), steady),
    ("four times the capacity", regular(80), steady),
]
POLICIES = [
    ("realtime", ReplaySettings()),
    ("latest", ReplaySettings(policy="latest")),
    ("no_waiting", ReplaySettings(policy="no_waiting")),
    ("fifo of 100", ReplaySettings(policy="fifo", waiting_frames=100)),
    ("lifetime_rate", ReplaySettings(policy="lifetime_rate")),
]


def main() -> None:
    """Simulate and print."""
    rows = []
    for name, arrivals, service_s in SCENARIOS:
        for policy, settings in POLICIES:
            outcome = run(arrivals, service_s(arrivals), settings)
            latencies_s = (outcome.decided_s - outcome.received_s)[outcome.processed].tolist()
            p50, p99 = (1e3 * quantile(latencies_s, share) for share in (0.50, 0.99))
            processed = f"{100 * np.mean(outcome.processed):.0f}"
            changes = sum(kind == "state" for _, kind, _, _ in outcome.events)
            rows.append((name, policy, processed, f"{p50:.0f}", f"{p99:.0f}", changes))
    header = ("load", "policy", "processed %", "p50 ms", "p99 ms", "changes of state")
    show(f"{SERVICE_S * 1e3:.0f} ms a frame, {SECONDS} s, virtual time", header, rows)


if __name__ == "__main__":
    main()
