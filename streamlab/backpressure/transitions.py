"""When a session of `Backpressure` changes its state: the rules, as a table.

`demand` says what the load of the window requires; `RULES` says, for a state and a demand, which
state follows under which conditions. The first rule whose conditions all hold is taken; where none
does, the state stays.

| state | demand | conditions | next |
| --- | --- | --- | --- |
| normal | shed | may rise | warning |
| normal | slow down | may rise | critical |
| warning | slow down | may rise | critical |
| warning | calm or shed | settled, relieved | normal |
| critical | calm or shed | settled, under half the slow-down threshold, relieved | normal |
| critical | calm or shed | settled, under half the slow-down threshold | warning |
"""

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from streamlab.backpressure.admission import RANK, PolicySettings, State
from streamlab.backpressure.load_meter import LoadMeter

BUSY_ENTER = 0.98
"""Share of the window above which a queue counts as one that never empties."""
LOAD_LEAVE = 0.90
"""Offered load, as a share of what the session can process, under which it may be `normal`."""


class Demand(IntEnum):
    """What the load of the window requires."""

    CALM = 0
    """Nothing: the excess is within the drop threshold, and the queue empties."""
    SHED = 1
    """Shedding: the excess is over the drop threshold, or the queue never empties."""
    SLOW_DOWN = 2
    """A slower client: the excess is over the slow-down threshold."""


class Situation:
    """What the conditions look at: a session's load, its settings and its last change of state."""

    __slots__ = ("changed_at", "load", "now", "rate", "rose_last", "settings", "state")

    def __init__(self, load: LoadMeter, settings: PolicySettings) -> None:
        self.load = load
        self.settings = settings
        self.state: State = "normal"
        self.changed_at = float("-inf")
        self.rose_last = False
        self.now = float("-inf")
        self.rate = 0.0
        """Excess rate of the window, at `now`."""

    def next_state(self, now: float) -> State:
        """Return the state that follows at `now`, which may be the one there is."""
        # most frames of a session that keeps up end here
        if self.state == "normal" and self.load.is_surely_calm(now, BUSY_ENTER):
            return "normal"
        self.now = now
        self.rate = self.load.excess_rate(now)
        for conditions, state in _RULES_BY_CASE[self.state, demand(self)]:
            if all(condition(self) for condition in conditions):
                return state
        return self.state

    def enter(self, now: float, state: State) -> None:
        """Change the state."""
        self.rose_last = RANK[state] > RANK[self.state]
        self.changed_at = now
        self.state = state


def demand(at: Situation) -> Demand:
    """Return what the load requires."""
    if at.rate > at.settings.slowdown_threshold:
        return Demand.SLOW_DOWN
    if at.rate > at.settings.drop_threshold or at.load.busy(at.now) >= BUSY_ENTER:
        return Demand.SHED
    return Demand.CALM


def settled(at: Situation) -> bool:
    """Whether a window has passed since the state changed: it is measured in this state only."""
    return at.now - at.changed_at >= at.settings.window_s


def may_rise(at: Situation) -> bool:
    """Whether it is settled, or rose last: an overload may show its size after its presence."""
    return settled(at) or at.rose_last


def under_half_slowdown(at: Situation) -> bool:
    """Whether the rate is well under the slow-down threshold."""
    return _well_under(at.rate, at.settings.slowdown_threshold)


def relieved(at: Situation) -> bool:
    """Whether the rate is well under the drop threshold, and what arrives can be processed."""
    return (
        _well_under(at.rate, at.settings.drop_threshold)
        and at.load.offered_load(at.now) < LOAD_LEAVE
    )


def _well_under(rate: float, threshold: float) -> bool:
    return rate == 0 or rate < threshold / 2


Condition = Callable[[Situation], bool]


class Rule(NamedTuple):
    """In these states, under these demands, if all conditions hold: the next state."""

    states: tuple[State, ...]
    demands: tuple[Demand, ...]
    conditions: tuple[Condition, ...]
    next_state: State


CALM, SHED, SLOW_DOWN = Demand
RULES: tuple[Rule, ...] = (
    Rule(("normal",), (SHED,), (may_rise,), "warning"),
    Rule(("normal", "warning"), (SLOW_DOWN,), (may_rise,), "critical"),
    Rule(("warning",), (CALM, SHED), (settled, relieved), "normal"),
    Rule(("critical",), (CALM, SHED), (settled, under_half_slowdown, relieved), "normal"),
    Rule(("critical",), (CALM, SHED), (settled, under_half_slowdown), "warning"),
)
_RULES_BY_CASE: dict[tuple[State, Demand], tuple[tuple[tuple[Condition, ...], State], ...]] = {
    (state, demand): tuple(
        (rule.conditions, rule.next_state)
        for rule in RULES
        if state in rule.states and demand in rule.demands
    )
    for state in RANK
    for demand in Demand
}
