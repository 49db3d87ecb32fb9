"""`CheckedPolicy`: a session's policy, held to the contract of `AdmissionPolicy`."""

from math import isfinite
from typing import NoReturn

from streamlab.backpressure.admission import (
    DROP_CAUSES,
    NOTHING,
    RANK,
    Decision,
    PolicySettings,
    QueuePolicy,
    State,
)
from streamlab.backpressure.policies import make_policy, may_pause
from streamlab.errors import PolicyError

CAUSES = tuple(cause for cause in DROP_CAUSES if cause != "closed")
"""What a policy may drop a frame for."""


class CheckedPolicy:
    """A session's policy, and which of its frames wait and which is in flight.

    The live server and the replay decide through it. It keeps the frames itself, so that every one
    has an answer with any policy, and raises `PolicyError` where the policy raises or
    decides what cannot be: drops or starts a frame that does not wait, starts an older one than
    before, leaves a frame waiting, has no room though it holds none. What the error is about has
    not happened then.

    >>> from streamlab import BackpressureSettings
    >>> policy = CheckedPolicy(BackpressureSettings(policy="latest"))
    >>> [policy.arrive(0.0, index).dropped for index in range(3)]
    [(), (0,), (1,)]
    >>> policy.expire(0.1).dropped, policy.start(0.1), policy.in_flight, policy.waiting
    ((), 2, 2, 0)
    """

    __slots__ = (
        "_arrive", "_expire", "_finish", "_start", "expires", "held", "in_flight", "last_started",
        "pauses", "policy", "settings", "state",
    )  # fmt: skip

    def __init__(self, settings: PolicySettings) -> None:
        """Make the policy that the settings name; raises `OptionError` or `PolicyError`."""
        self.policy = policy = make_policy(settings)
        self.settings = settings
        self.state: State = "normal"
        """As the decisions have it."""
        self.in_flight: int | None = None
        self.last_started = -1
        self.pauses = may_pause(type(policy))
        """Whether `has_room` may be false."""
        self.held: dict[int, None] = {}
        """The frames that wait, in order of their arrival."""
        self._arrive, self._start, self._finish = policy.arrive, policy.start, policy.finish
        self._expire = policy.expire
        self.expires = getattr(type(policy), "expire", None) is not QueuePolicy.expire
        """Whether `expire` may decide anything; it need not be called otherwise."""

    @property
    def waiting(self) -> int:
        """Frames that wait."""
        return len(self.held)

    @property
    def has_room(self) -> bool:
        """Whether another frame may be received."""
        if not self.pauses:
            return True
        try:
            room = bool(self.policy.has_room)
        except (Exception, SystemExit) as error:
            raise self._error("has_room") from error
        if not room and not self.held and self.in_flight is None:
            self._broke("has_room", "is false though no frame waits or is in flight")
        return room

    def arrive(self, now: float, frame_index: int) -> Decision:
        """Take in a frame."""
        self.held[frame_index] = None
        try:
            decision = self._arrive(now, frame_index)
        except (Exception, SystemExit) as error:
            raise self._error("arrive()", frame_index) from error
        return decision if decision is NOTHING else self._taken("arrive()", decision, frame_index)

    def expire(self, now: float) -> Decision:
        """Drop frames that are not to be started any more."""
        try:
            decision = self._expire(now)
        except (Exception, SystemExit) as error:
            raise self._error("expire()") from error
        return decision if decision is NOTHING else self._taken("expire()", decision)

    def start(self, now: float) -> int | None:
        """Put a frame that waits in flight; return its index, None if none waits."""
        if not self.held or self.in_flight is not None:
            return None
        try:
            index = self._start(now)
        except (Exception, SystemExit) as error:
            raise self._error("start()", next(iter(self.held))) from error
        if type(index) is not int or index not in self.held or index <= self.last_started:
            self._broke_start(index)
        del self.held[index]
        self.in_flight = self.last_started = index
        return index

    def finish(self, now: float) -> Decision:
        """The frame in flight is done."""
        frame_index, self.in_flight = self.in_flight, None
        try:
            decision = self._finish(now)
        except (Exception, SystemExit) as error:
            raise self._error("finish()", frame_index) from error
        return decision if decision is NOTHING else self._taken("finish()", decision, frame_index)

    def observe(self, now: float) -> Decision:
        """Let time pass without an event."""
        try:
            decision = self.policy.observe(now)
        except (Exception, SystemExit) as error:
            raise self._error("observe()") from error
        return self._taken("observe()", decision)

    def retune(self, now: float, settings: PolicySettings) -> Decision:
        """Decide by other settings from now on; raises `ValueError` for a change of policy."""
        if settings.policy != self.settings.policy:
            raise ValueError("a session keeps its policy")
        self.settings = settings
        try:
            decision = self.policy.retune(now, settings)
        except (Exception, SystemExit) as error:
            raise self._error("retune()") from error
        return self._taken("retune()", decision)

    def abandon(self) -> None:
        """The frame in flight failed, and the session ends with it."""
        self.in_flight = None

    def close(self) -> tuple[int, ...]:
        """Let go of the frames that wait or are in flight; return them, oldest first."""
        left = (*(() if self.in_flight is None else (self.in_flight,)), *self.held)
        self.in_flight = None
        self.held.clear()
        return left

    def _taken(self, method: str, decision: object, frame_index: int | None = None) -> Decision:
        """Take a decision for what it is, if it can be."""
        if not isinstance(decision, Decision):
            allowed = "a Decision is allowed, NOTHING where nothing follows"
            self._broke(method, f"returned {_shown(decision)}; {allowed}", frame_index)
        dropped, cause, state, target_fps = decision
        if dropped:
            self._check_drops(method, dropped, cause)
        if state is not None and (not isinstance(state, str) or state not in RANK):
            allowed = " or ".join(map(repr, RANK))
            self._broke(method, f"has state={_shown(state)}; {allowed} is allowed", frame_index)
        if target_fps is not None and not _is_rate(target_fps):
            allowed = "a number above 0 is allowed"
            self._broke(method, f"has target_fps={_shown(target_fps)}; {allowed}", frame_index)
        for index in dropped:
            del self.held[index]
        if state is not None:
            self.state = state
        return decision

    def _check_drops(self, method: str, dropped: object, cause: object) -> None:
        if not isinstance(dropped, tuple):
            self._broke(method, f"has dropped={_shown(dropped)}; a tuple of indexes is allowed")
        if cause not in CAUSES:
            allowed = " or ".join(map(repr, CAUSES))
            self._broke(method, f"has cause={_shown(cause)}; {allowed} is allowed")
        for position, index in enumerate(dropped):
            if type(index) is not int or index not in self.held:
                why = "which is in flight" if index == self.in_flight else "which does not wait"
                self._broke(method, f"dropped frame {_shown(index)}, {why}")
            if index in dropped[:position]:
                self._broke(method, f"dropped frame {index} twice")

    def _broke_start(self, index: object) -> NoReturn:
        if index is None:
            first = next(iter(self.held))
            problem = f"started nothing, and frame {first} waits; what waits is started or dropped"
        elif type(index) is not int or index not in self.held:
            problem = f"started frame {_shown(index)}, which does not wait"
        else:
            problem = (
                f"started frame {index} after frame {self.last_started}; results come in order"
            )
        self._broke("start()", problem)

    def _broke(self, method: str, problem: str, frame_index: int | None = None) -> NoReturn:
        raise PolicyError(self.settings.policy, method, problem, frame_index)

    def _error(self, method: str, frame_index: int | None = None) -> PolicyError:
        """Return the error of a method that raised, to be raised from what it raised."""
        return PolicyError(self.settings.policy, method, frame_index=frame_index)


def _is_rate(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and isfinite(value)
        and value > 0
    )


def _shown(value: object) -> str:
    """Show what a policy returned, in a few words of one line."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # noqa: BLE001 - what a policy returns may have a repr that raises
        return f"a {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."
