"""The rules by which `Backpressure` changes its state, and all of its decisions as they were."""

import json
import re
from itertools import pairwise, product
from pathlib import Path

import pytest
from decision_sequences import SEEDS, digest

from streamlab.backpressure import transitions
from streamlab.backpressure.admission import STATES
from streamlab.backpressure.load_meter import LoadMeter
from streamlab.backpressure.realtime import BackpressureSettings
from streamlab.backpressure.transitions import RULES, Demand, Situation

DECISIONS = json.loads(Path(__file__).with_name("decisions.json").read_text())


@pytest.mark.parametrize("policy", DECISIONS)
@pytest.mark.parametrize("seed", SEEDS)
def test_decisions_are_those_of_the_class_before_it_was_parted(policy, seed):
    assert digest(seed, policy) == DECISIONS[policy][seed]


def test_the_recorded_sessions_go_through_every_state_and_drop():
    assert sum(changes for _, changes, _ in DECISIONS["realtime"]) > 1000
    assert all(dropped == 0 for _, _, dropped in DECISIONS["lossless"])


def test_the_table_of_the_docstring_is_that_of_the_rules():
    words = {"may_rise": "may rise", "under_half_slowdown": "under half the slow-down threshold"}
    rows = re.findall(
        r"^\| (\w+) \| ([\w ]+) \| ([\w ,-]+) \| (\w+) \|$", transitions.__doc__, re.M
    )
    written = [row for row in rows if row[0] in STATES]
    ruled = []
    for rule in RULES:
        conditions = ", ".join(words.get(c.__name__, c.__name__) for c in rule.conditions)
        demands = " or ".join(demand.name.lower().replace("_", " ") for demand in rule.demands)
        ruled += [(state, demands, conditions, rule.next_state) for state in rule.states]
    assert sorted(written) == sorted(ruled)


@pytest.mark.parametrize(
    ("state", "rate", "busy", "settled", "rose_last", "following"),
    [
        ("normal", 0.0, False, True, False, "normal"),
        ("normal", 0.2, False, True, False, "warning"),
        ("normal", 0.0, True, True, False, "warning"),
        ("normal", 0.5, False, True, False, "critical"),
        ("normal", 0.5, False, False, False, "normal"),
        ("warning", 0.5, False, False, True, "critical"),
        ("warning", 0.5, False, False, False, "warning"),
        ("warning", 0.08, False, True, False, "warning"),
        ("warning", 0.0, False, True, False, "normal"),
        ("warning", 0.0, False, False, False, "warning"),
        ("critical", 0.2, False, True, False, "critical"),
        ("critical", 0.12, False, True, False, "warning"),
        ("critical", 0.0, False, True, False, "normal"),
        ("critical", 0.0, True, True, False, "warning"),
        ("critical", 0.0, False, False, False, "critical"),
    ],
)
def test_which_state_follows(state, rate, busy, settled, rose_last, following):
    """Thresholds 0.1 and 0.3, a window of 2 s."""
    now, count = 100.0, 50
    load = LoadMeter(2.0)
    for index in range(count):
        load.excess.add(now, marked=index < rate * count)
        load.outcomes.add(now)
    if busy:
        load.occupied.switch_on(now - 10)
    situation = Situation(load, BackpressureSettings())
    situation.state, situation.rose_last = state, rose_last
    situation.changed_at = now - (2.5 if settled else 0.5)
    assert situation.next_state(now) == following


def test_no_rule_stands_behind_one_that_always_comes_first():
    for state, demand in product(STATES, Demand):
        rules = [r for r in RULES if state in r.states and demand in r.demands]
        for earlier, later in pairwise(rules):
            assert not set(earlier.conditions) <= set(later.conditions)
