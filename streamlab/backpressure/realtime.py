"""`Backpressure`: which frames a session keeps, as a pure state machine.

It is told what happens and when (`arrive`, `start`, `finish`, in seconds on any clock that does not
run backwards) and answers with decisions. It reads no clock, no environment and no socket, so the
live server, the tests and a simulator in virtual time run the very same class.

>>> line = Backpressure()
>>> _ = line.arrive(now=0.0, frame_index=0)
>>> line.start(now=0.0)
0
>>> for index in (1, 2, 3):
...     decision = line.arrive(now=0.01, frame_index=index)
>>> decision.dropped, line.waiting
((1,), 2)
"""

from collections import deque
from typing import Literal, NamedTuple

from streamlab.backpressure.settings import POLICIES as POLICIES
from streamlab.backpressure.settings import BackpressureSettings as BackpressureSettings
from streamlab.backpressure.window import BusyWindow, EventWindow

State = Literal["normal", "warning", "critical"]
DropCause = Literal["overflow", "replaced", "closed"]
"""Why a frame was dropped: the line of a `normal` session was full; a newer frame took its place
while the session was shedding; the session ended before its turn came."""

STATES: tuple[State, ...] = ("normal", "warning", "critical")
RANK: dict[State, int] = {state: rank for rank, state in enumerate(STATES)}
DROP_CAUSES: tuple[DropCause, ...] = ("overflow", "replaced", "closed")

WARMUP_FRAMES = 3
"""Frames that must be done before anything counts: models warm up in them."""
SHEDDING_WAITING_FRAMES = 1
BUSY_ENTER = 0.98
"""Share of the window above which a line counts as one that never empties."""
LOAD_LEAVE = 0.90
"""Offered load, as a share of what the session can process, under which it may be `normal`."""
MIN_OUTCOMES = 10
"""A rate is taken over at least so many frames: one drop among the first three is no overload."""
SUSTAINABLE_SHARE = 0.9
"""Share of the measured capacity that a client is told to send."""
MIN_TARGET_FPS = 0.1


class Decision(NamedTuple):
    """What follows from an event: frames to drop, a change of state, a rate to tell the client."""

    dropped: tuple[int, ...] = ()
    cause: DropCause = "overflow"
    state: State | None = None
    target_fps: float | None = None


NOTHING = Decision()


class Backpressure:
    """The line of one session: at most one frame in flight, few waiting, the newest preferred.

    A decision counts a frame as dropped or kept in a sliding window. While the session sheds, the
    drops that count are those of a line as long as in `normal`, kept in parallel as a number: a
    load that `normal` absorbs then brings the session back, however much of it shedding drops.
    Times are seconds, ascending, on any clock.

    >>> line = Backpressure(BackpressureSettings(waiting_frames=1))
    >>> for frame_index in range(3):
    ...     decision = line.arrive(now=frame_index / 30, frame_index=frame_index)
    ...     in_flight = line.start(now=frame_index / 30)
    >>> line.in_flight, line.waiting, decision.dropped, decision.cause
    (0, 1, (1,), 'overflow')
    """

    def __init__(self, settings: BackpressureSettings | None = None) -> None:
        self.settings = settings = settings or BackpressureSettings()
        self.state: State = "normal"
        self.in_flight: int | None = None
        self._lossless = settings.policy == "lossless"
        self._line: deque[int] = deque()
        self._to_warm_up = WARMUP_FRAMES
        self._kept_or_dropped = EventWindow(settings.window_s)
        self._excess = EventWindow(settings.window_s)
        self._finished = EventWindow(settings.window_s)
        self._occupied = BusyWindow(settings.window_s)
        self._last_finish: float | None = None
        self._changed_at = float("-inf")
        self._rose_last = False
        self._told_at = float("-inf")
        self._shadow_waiting = 0
        self._shadow_free_at = float("-inf")

    @property
    def waiting(self) -> int:
        """Frames that wait for their turn."""
        return len(self._line)

    @property
    def has_room(self) -> bool:
        """Whether a `lossless` session may read another frame from its socket."""
        return len(self._line) < self.settings.waiting_frames

    def arrive(self, now: float, frame_index: int) -> Decision:
        """Take in a frame; the decision names the frames that give way to it."""
        self._occupied.switch_on(now)
        self._line.append(frame_index)
        if self._lossless:
            return NOTHING
        would_overflow = self._shadow_arrive(now)
        dropped = self._shorten()
        if self._to_warm_up:
            return Decision(dropped, self._cause) if dropped else NOTHING
        excess = bool(dropped) if self.state == "normal" else would_overflow
        self._excess.add(now, excess)
        for _ in dropped:
            self._kept_or_dropped.add(now, marked=True)
        return self._decide(now, dropped)

    def start(self, now: float) -> int | None:
        """Put the frame whose turn it is in flight, if one waits and none is in flight.

        Returns its index, None where nothing starts.
        """
        if self.in_flight is not None or not self._line:
            return None
        self.in_flight = self._line.popleft()
        if not self._to_warm_up and not self._lossless:
            self._kept_or_dropped.add(now)
        return self.in_flight

    def finish(self, now: float) -> Decision:
        """The frame in flight is done, one way or the other; the decision may change the state.

        Raises `RuntimeError` if none is in flight.
        """
        if self.in_flight is None:
            raise RuntimeError("no frame is in flight")
        self.in_flight = None
        if self._to_warm_up:
            self._to_warm_up -= 1
            if not self._to_warm_up:
                self._occupied = BusyWindow(self.settings.window_s)
                if self._line:
                    self._occupied.switch_on(now)
        else:
            self._finished.add(now)
            self._last_finish = now
        if not self._line:
            self._occupied.switch_off(now)
        return NOTHING if self._to_warm_up or self._lossless else self._decide(now)

    def abandon(self) -> None:
        """The frame in flight failed and the session ends with it: nothing is decided any more."""
        self.in_flight = None

    def observe(self, now: float) -> Decision:
        """Let time pass without an event, so that a session that fell silent changes its state.

        A session that lives long is to be told the time now and then: what it counted before the
        window is forgotten here at the latest.
        """
        for window in (self._kept_or_dropped, self._excess, self._finished):
            window.slide(now)
        return NOTHING if self._to_warm_up or self._lossless else self._decide(now)

    def retune(self, now: float, settings: BackpressureSettings) -> Decision:
        """Decide by other settings from now on; a change of policy is an error.

        A shorter window forgets at once what it no longer covers; a longer one fills up.
        """
        if settings.policy != self.settings.policy:
            raise ValueError("a session keeps its policy")
        self.settings = settings
        for window in (self._kept_or_dropped, self._excess, self._finished, self._occupied):
            window.length_s = settings.window_s
        if self._lossless:
            return NOTHING
        cause = self._cause
        shed = self._shorten()
        for _ in shed:
            self._kept_or_dropped.add(now, marked=True)
        return self._decide(now, shed) if not self._to_warm_up else Decision(shed, cause)

    def close(self) -> tuple[int, ...]:
        """End the session: return the frames that waited or were in flight, oldest first."""
        left = (*(() if self.in_flight is None else (self.in_flight,)), *self._line)
        self.in_flight = None
        self._line.clear()
        return left

    def drop_rate(self, now: float) -> float:
        """Return the share of the window's frames that were dropped, 0 to 1."""
        window = self._kept_or_dropped
        window.slide(now)
        return window.marked / max(window.total, MIN_OUTCOMES)

    def busy(self, now: float) -> float:
        """Return the share of the window, 0 to 1, in which a frame was in flight or waiting."""
        share = self._occupied.seconds(now) / self.settings.window_s
        return share if share < 1.0 else 1.0

    def sustainable_fps(self, now: float) -> float | None:
        """Return the frames a second that the session can process; None if it has done none."""
        self._finished.slide(now)
        occupied_s = self._occupied.seconds(now)
        if self._finished.total and occupied_s > 0:
            return self._finished.total / occupied_s
        if self._last_finish is not None and occupied_s > 0:
            return 1 / (now - self._last_finish)
        return None

    @property
    def _cause(self) -> DropCause:
        return "overflow" if self.state == "normal" else "replaced"

    def _shorten(self) -> tuple[int, ...]:
        normal = self.state == "normal"
        allowed = self.settings.waiting_frames if normal else SHEDDING_WAITING_FRAMES
        if len(self._line) <= allowed:
            return ()
        return tuple(self._line.popleft() for _ in range(len(self._line) - allowed))

    def _shadow_arrive(self, now: float) -> bool:
        """Pass the arrival through the line of a `normal` session; say whether one would drop."""
        if self.state == "normal":
            self._shadow_waiting = len(self._line)
            self._shadow_free_at = now
            return False
        fps = self.sustainable_fps(now)
        service_s = 1 / fps if fps else 0.0
        while self._shadow_waiting and self._shadow_free_at <= now:
            self._shadow_waiting -= 1
            self._shadow_free_at += service_s
        if self._shadow_free_at <= now:
            self._shadow_free_at = now + service_s
        elif self._shadow_waiting < self.settings.waiting_frames:
            self._shadow_waiting += 1
        else:
            return True
        return False

    def _decide(self, now: float, dropped: tuple[int, ...] = ()) -> Decision:
        cause = self._cause
        state = self._next_state(now)
        if state == self.state:
            return Decision(dropped, cause) if dropped else NOTHING
        self._rose_last = RANK[state] > RANK[self.state]
        self._changed_at = now
        self.state = state
        shed = self._shorten()
        for _ in shed:
            self._kept_or_dropped.add(now, marked=True)
        if shed:
            cause = "replaced"
        target_fps = None
        if state == "critical" and now - self._told_at >= self.settings.window_s:
            self._told_at = now
            target_fps = self._target_fps(now)
        return Decision(dropped + shed, cause, state, target_fps)

    def _next_state(self, now: float) -> State:
        settings, state = self.settings, self.state
        # most frames of a session that keeps up end here: nothing to shed, and never long busy
        if (
            state == "normal"
            and not self._excess.marked
            and self._occupied.at_most(now) < BUSY_ENTER * settings.window_s
        ):
            return state
        rate = self._excess_rate(now)
        if rate > settings.slowdown_threshold:
            wanted: State = "critical"
        elif rate > settings.drop_threshold or self.busy(now) >= BUSY_ENTER:
            wanted = "warning"
        else:
            wanted = "normal"
        if wanted == state == "normal":
            return state
        settled = now - self._changed_at >= settings.window_s
        if RANK[wanted] > RANK[state]:
            return wanted if settled or self._rose_last else state
        if state == "normal" or not settled:
            return state
        if state == "critical" and not _well_under(rate, settings.slowdown_threshold):
            return "critical"
        if _well_under(rate, settings.drop_threshold) and self._offered_load(now) < LOAD_LEAVE:
            return "normal"
        return "warning"

    def _excess_rate(self, now: float) -> float:
        excess = self._excess
        excess.slide(now)
        total = excess.total
        return excess.marked / (total if total > MIN_OUTCOMES else MIN_OUTCOMES)

    def _offered_load(self, now: float) -> float:
        """Return what arrives as a share of what can be processed; 1 at most while it waits."""
        busy = self.busy(now)
        window = self._kept_or_dropped
        window.slide(now)
        kept = window.total - window.marked
        return busy * window.total / kept if kept else busy

    def _target_fps(self, now: float) -> float:
        fps = self.sustainable_fps(now) or MIN_TARGET_FPS
        return max(MIN_TARGET_FPS, round(SUSTAINABLE_SHARE * fps, 1))


def _well_under(rate: float, threshold: float) -> bool:
    return rate == 0 or rate < threshold / 2
