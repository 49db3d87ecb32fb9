"""`Backpressure`: the policy `realtime`, which keeps latency bounded and drops as few as it can.

A `normal` session absorbs bursts: up to `waiting_frames` wait, and one more makes the oldest give
way. One that is overloaded sheds (`warning`, `critical`): one frame waits, the newest. Which of the
two it does is decided by these rules; `transitions` has them as a table.

- *A window, not the session's life.* Rates are taken over the last `window_s` seconds. A rate over
  the whole life latches: a drop raises it, which drops the next, and one slow frame at the begin
  can make a session drop for ever.
- *Warm-up.* Nothing counts before three frames are done: models load and compile in them, which
  says nothing of what the session can do afterwards.
- *The busy rule.* A session that had a frame waiting or in flight for 98 % of the window sheds
  too, without a single drop: a queue that never empties is no burst that is being absorbed but
  delay that every frame has to wait through.
- *The shadow queue.* Shedding drops frames of every burst, which a `normal` session would have
  kept, so that its own drops say nothing of whether it is overloaded still. What counts instead,
  the excess, are the frames that a `normal` queue would have dropped under the same arrivals, with
  the time per frame that was measured. It is kept as two numbers beside the real one.
- *One change a window.* The state changes at most once a window, so that it is measured in the
  state that it has; except that it may rise twice, when an overload turns out to be a large one.
  It rises over a threshold and falls under half of it, and `normal` also needs an offered load of
  under 90 %: between the two it stays, which is what keeps it from flapping.
- *Advice.* On entering `critical`, at most once a window, the client is sent nine tenths of the
  rate that was measured.

>>> policy = Backpressure()
>>> _ = policy.arrive(now=0.0, frame_index=0)
>>> policy.start(now=0.0)
0
>>> for index in (1, 2, 3):
...     decision = policy.arrive(now=0.01, frame_index=index)
>>> decision.dropped, policy.waiting
((1,), 2)
"""

from typing import Any

from streamlab.backpressure.admission import (
    DROP_CAUSES,
    NOTHING,
    RANK,
    STATES,
    Decision,
    DropCause,
    PolicySettings,
    QueuePolicy,
    State,
)
from streamlab.backpressure.baselines import LosslessPolicy
from streamlab.backpressure.load_meter import LoadMeter
from streamlab.backpressure.settings import TUNABLE, BackpressureSettings
from streamlab.backpressure.transitions import Situation

__all__ = [
    "DROP_CAUSES",
    "NOTHING",
    "RANK",
    "STATES",
    "Backpressure",
    "BackpressureSettings",
    "Decision",
    "DropCause",
    "State",
]
SHEDDING_WAITING_FRAMES = 1
SUSTAINABLE_SHARE = 0.9
"""Share of the measured capacity that a client is advised to send."""
MIN_TARGET_FPS = 0.1


class Backpressure(QueuePolicy):
    """Bursts wait, overload is shed: few frames wait, and the newest is preferred.

    The default policy of a session. A decision counts a frame as dropped or
    kept in a sliding window. While the session sheds, the drops that count are those of a queue as
    long as in `normal`, kept in parallel as a number: a load that `normal` absorbs then brings the
    session back, however much of it shedding drops. Times are seconds, ascending, on any clock.

    >>> policy = Backpressure(BackpressureSettings(waiting_frames=1))
    >>> for frame_index in range(3):
    ...     decision = policy.arrive(now=frame_index / 30, frame_index=frame_index)
    ...     in_flight = policy.start(now=frame_index / 30)
    >>> policy.in_flight, policy.waiting, decision.dropped, decision.cause
    (0, 1, (1,), 'overflow')
    """

    heeds = frozenset(TUNABLE)

    def __new__(cls, settings: PolicySettings | None = None) -> Any:
        """Return a `LosslessPolicy` for settings that name it, which this class once was too."""
        if cls is Backpressure and settings is not None and settings.policy == "lossless":
            return LosslessPolicy(settings)
        return super().__new__(cls)

    def __init__(self, settings: PolicySettings | None = None) -> None:
        super().__init__(settings or BackpressureSettings())
        self._load = LoadMeter(self.settings.window_s)
        self._situation = Situation(self._load, self.settings)
        self._advised_at = float("-inf")

    @property
    def state(self) -> State:
        """The state of the session: what it does with frames."""
        return self._situation.state

    def arrive(self, now: float, frame_index: int) -> Decision:
        """Enqueue a frame; the decision names the frames dropped for it."""
        load, queue = self._load, self.queue
        load.occupied.switch_on(now)
        queue.append(frame_index)
        is_normal = self._situation.state == "normal"
        if is_normal:
            load.follow_queue(now, len(queue))
            dropped = self._shorten()
            is_excess = bool(dropped)
        else:
            is_excess = load.shadow_arrive(now, self.settings.waiting_frames)
            dropped = self._shorten()
        if load.warmup_left:
            return Decision(dropped, self._cause) if dropped else NOTHING
        load.excess.add(now, is_excess)
        if dropped:
            load.count_drops(now, dropped)
        return self._decide(now, dropped)

    def start(self, now: float) -> int | None:
        """Put the next frame in flight, if one waits and none is in flight.

        Returns its index, None where nothing starts.
        """
        if self.in_flight is not None or not self.queue:
            return None
        self.in_flight = self.queue.popleft()
        if not self._load.warmup_left:
            self._load.outcomes.add(now)
        return self.in_flight

    def finish(self, now: float) -> Decision:
        """The frame in flight is done, one way or the other; the decision may change the state.

        Raises `RuntimeError` if none is in flight.
        """
        if self.in_flight is None:
            raise RuntimeError("no frame is in flight")
        self.in_flight = None
        self._load.finish(now, len(self.queue))
        return NOTHING if self._load.warmup_left else self._decide(now)

    def observe(self, now: float) -> Decision:
        """Update the state without an event, for a session that receives no frames.

        A session that lives long is observed now and then: what it counted before the
        window is forgotten here at the latest.
        """
        self._load.slide(now)
        return NOTHING if self._load.warmup_left else self._decide(now)

    def retune(self, now: float, settings: PolicySettings) -> Decision:
        """Decide by other settings from now on; a change of policy is an error.

        A shorter window forgets at once what it no longer covers; a longer one fills up.
        """
        if settings.policy != self.settings.policy:
            raise ValueError("a session keeps its policy")
        self.settings = self._situation.settings = settings
        self._load.set_window(settings.window_s)
        cause = self._cause
        shed = self._shorten()
        self._load.count_drops(now, shed)
        return self._decide(now, shed) if not self._load.warmup_left else Decision(shed, cause)

    def drop_rate(self, now: float) -> float:
        """Return the share of the window's frames that were dropped, 0 to 1."""
        return self._load.drop_rate(now)

    def busy(self, now: float) -> float:
        """Return the share of the window, 0 to 1, in which a frame was in flight or waiting."""
        return self._load.busy(now)

    def sustainable_fps(self, now: float) -> float | None:
        """Return the frames a second that the session can process; None if it has done none."""
        return self._load.sustainable_fps(now)

    @property
    def _cause(self) -> DropCause:
        return "overflow" if self._situation.state == "normal" else "replaced"

    def _shorten(self) -> tuple[int, ...]:
        normal = self._situation.state == "normal"
        allowed = self.settings.waiting_frames if normal else SHEDDING_WAITING_FRAMES
        queue = self.queue
        if len(queue) <= allowed:
            return ()
        return tuple(queue.popleft() for _ in range(len(queue) - allowed))

    def _decide(self, now: float, dropped: tuple[int, ...] = ()) -> Decision:
        situation = self._situation
        state = situation.next_state(now)
        if state == situation.state:
            return Decision(dropped, self._cause) if dropped else NOTHING
        cause = self._cause
        situation.enter(now, state)
        shed = self._shorten()
        self._load.count_drops(now, shed)
        if shed:
            cause = "replaced"
        target_fps = None
        if state == "critical" and now - self._advised_at >= self.settings.window_s:
            self._advised_at = now
            target_fps = self._target_fps(now)
        return Decision(dropped + shed, cause, state, target_fps)

    def _target_fps(self, now: float) -> float:
        fps = self.sustainable_fps(now) or MIN_TARGET_FPS
        return max(MIN_TARGET_FPS, round(SUSTAINABLE_SHARE * fps, 1))
