"""The interface of admission policies: what happens to a session's frames, decided event by event.

A policy is given events and their times (`arrive`, `expire`, `start`, `finish`, `observe`, in
seconds on any clock that does not run backwards) and answers with decisions. It reads no clock, no
environment and no socket, so that the live server and a replay in virtual time run the same class.

A session has at most one frame in flight. The order of events:

1. `arrive` for each frame that is received. While `has_room` is false, none is read.
2. Whenever no frame is in flight, frames wait and a worker is free: `expire`, then `start`.
3. `finish` when the frame in flight is done, then 2 again.
4. `observe` about once a second, so that a session in which nothing happens changes too.
"""

from collections import deque
from typing import ClassVar, Literal, NamedTuple, Protocol

from streamlab.backpressure.settings import BackpressureSettings

State = Literal["normal", "warning", "critical"]
DropCause = Literal["overflow", "replaced", "closed"]
"""Why a frame was dropped: too much waited, in number or in time; a newer frame took its place;
the session ended before it was dispatched, which is no policy's decision."""

STATES: tuple[State, ...] = ("normal", "warning", "critical")
RANK: dict[State, int] = {state: rank for rank, state in enumerate(STATES)}
DROP_CAUSES: tuple[DropCause, ...] = ("overflow", "replaced", "closed")


class Decision(NamedTuple):
    """What follows from an event: frames to drop, a change of state, a rate to ask of the client.

    `dropped` names waiting frames by their index, and `cause` says why, `"overflow"` or
    `"replaced"`. `state` is the new state, None where it stays. `target_fps` sends the client a
    `slow_down` with that rate. `NOTHING` is the decision without any of it.

    >>> Decision((3, 4), "replaced").state is None
    True
    """

    dropped: tuple[int, ...] = ()
    cause: DropCause = "overflow"
    state: State | None = None
    target_fps: float | None = None


NOTHING = Decision()


PolicySettings = BackpressureSettings
"""The settings that a policy is made with."""


class AdmissionPolicy(Protocol):
    """Decides which frames of one session are processed, as its events happen.

    The module's docstring has their order. A class that has these methods can be registered; one
    that derives from `QueuePolicy` has them already and overrides what it does otherwise. It is
    made with the session's settings as its only argument. The first line of its docstring is what
    panels and documentation say of it.

    >>> from streamlab import BackpressureSettings
    >>> policy: AdmissionPolicy = QueuePolicy(BackpressureSettings())
    >>> policy.arrive(0.0, frame_index=0), policy.start(0.0)
    (Decision(dropped=(), cause='overflow', state=None, target_fps=None), 0)
    """

    @property
    def has_room(self) -> bool:
        """Whether another frame may be received; while not, the client's socket is not read."""

    def arrive(self, now: float, frame_index: int) -> Decision:
        """Enqueue a frame; the decision may drop it, or frames that wait."""

    def expire(self, now: float) -> Decision:
        """Drop frames that are not to be started any more; called before each `start`."""

    def start(self, now: float) -> int | None:
        """Return the index of the frame to process now; None if none waits.

        A frame that is older than one which was started before cannot be: results come in order.
        """

    def finish(self, now: float) -> Decision:
        """The frame in flight is done, one way or the other."""

    def observe(self, now: float) -> Decision:
        """Time has passed without an event."""

    def retune(self, now: float, settings: PolicySettings) -> Decision:
        """Decide by other settings from now on; `policy` is the same."""


class QueuePolicy:
    """A queue without a limit, oldest frame first: the base of policies that override parts of it.

    `queue` holds the indexes of the frames that wait, `in_flight` that of the frame in process,
    `settings` what the session was given. A subclass that drops a frame takes it out of `queue`
    and names it in its decision.

    >>> from streamlab import BackpressureSettings
    >>> class Even(QueuePolicy):
    ...     \"\"\"Only every other frame waits.\"\"\"
    ...
    ...     def arrive(self, now, frame_index):
    ...         if frame_index % 2:
    ...             return Decision((frame_index,))
    ...         return super().arrive(now, frame_index)
    >>> Even(BackpressureSettings()).arrive(0.0, 1).dropped
    (1,)
    """

    heeds: ClassVar[frozenset[str] | None] = None
    """Names of the settings that make a difference to it; None: any may."""

    def __init__(self, settings: PolicySettings) -> None:
        self.settings = settings
        self.queue: deque[int] = deque()
        self.in_flight: int | None = None

    @property
    def waiting(self) -> int:
        """Number of queued frames."""
        return len(self.queue)

    @property
    def has_room(self) -> bool:
        """Whether another frame may be received: always, unless a subclass says otherwise."""
        return True

    def arrive(self, now: float, frame_index: int) -> Decision:
        """Enqueue the frame."""
        self.queue.append(frame_index)
        return NOTHING

    def expire(self, now: float) -> Decision:
        """Keep what waits."""
        return NOTHING

    def start(self, now: float) -> int | None:
        """Put the oldest frame in flight and return its index; None where nothing starts."""
        if self.in_flight is not None or not self.queue:
            return None
        self.in_flight = self.queue.popleft()
        return self.in_flight

    def finish(self, now: float) -> Decision:
        """The frame in flight is done."""
        self.in_flight = None
        return NOTHING

    def observe(self, now: float) -> Decision:
        """Decide nothing as time passes."""
        return NOTHING

    def retune(self, now: float, settings: PolicySettings) -> Decision:
        """Decide by other settings from now on."""
        self.settings = settings
        return NOTHING

    def abandon(self) -> None:
        """The frame in flight failed and the session ends with it: nothing is decided any more."""
        self.in_flight = None

    def close(self) -> tuple[int, ...]:
        """Let go of the frames that wait or are in flight; return them, oldest first."""
        left = (*(() if self.in_flight is None else (self.in_flight,)), *self.queue)
        self.in_flight = None
        self.queue.clear()
        return left
