"""One session in virtual time, written apart from the replay's engine: an oracle for it.

>>> outcome = simulate([0.0, 0.1, 0.2], service_s=lambda now: 0.05)
>>> outcome.processed, outcome.dropped
(3, 0)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from streamlab.backpressure.realtime import Backpressure, BackpressureSettings, Decision, State
from streamlab.sessions.ledger import Ledger


@dataclass
class Outcome:
    """What became of the frames of a simulated session; times in seconds."""

    latencies_s: list[float] = field(default_factory=list)
    """From arrival to answer, of each processed frame, in order."""
    answered_at: list[float] = field(default_factory=list)
    changes: list[tuple[float, State]] = field(default_factory=list)
    slow_downs: list[tuple[float, float]] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    state: State = "normal"

    @property
    def processed(self) -> int:
        """Frames that were processed."""
        return self.ledger.processed

    @property
    def dropped(self) -> int:
        """Frames that were dropped, for whatever cause."""
        return sum(self.ledger.dropped.values())


def simulate(
    arrivals: Sequence[float],
    service_s: Callable[[float], float],
    settings: BackpressureSettings | None = None,
) -> Outcome:
    """Run a session alone on a worker.

    `arrivals` are seconds, ascending; `service_s` gives the seconds that a frame which starts at a
    time takes. A frame that is done at the moment another arrives is done first.
    """
    policy = Backpressure(settings)
    outcome = Outcome()
    ledger = outcome.ledger
    arrived_at: dict[int, float] = {}

    def apply(now: float, decision: Decision) -> None:
        for frame_index in decision.dropped:
            ledger.drop(decision.cause)
            del arrived_at[frame_index]
        if decision.state is not None:
            outcome.changes.append((now, decision.state))
        if decision.target_fps is not None:
            outcome.slow_downs.append((now, decision.target_fps))

    done_at: float | None = None
    next_frame = 0
    while next_frame < len(arrivals) or done_at is not None:
        if done_at is not None and (next_frame == len(arrivals) or done_at <= arrivals[next_frame]):
            now = done_at
            done_at = None
            assert policy.in_flight is not None
            outcome.latencies_s.append(now - arrived_at.pop(policy.in_flight))
            outcome.answered_at.append(now)
            ledger.complete()
            apply(now, policy.finish(now))
        else:
            now = arrivals[next_frame]
            arrived_at[next_frame] = now
            ledger.admit()
            apply(now, policy.arrive(now, next_frame))
            next_frame += 1
        if policy.start(now) is not None:
            ledger.start()
            done_at = now + service_s(now)
    outcome.state = policy.state
    return outcome
