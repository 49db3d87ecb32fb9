"""The registry: what is in it by name, what may be put in it, and what packages bring."""

import subprocess
import sys

import pytest
from policies import EveryOther, registered

from streamlab.backpressure.admission import Decision, QueuePolicy
from streamlab.backpressure.policies import (
    BUILT_IN,
    REGISTRY,
    PolicyRegistry,
    check_policy,
    heeds,
    make_policy,
    meaning_of_policy,
    pauses,
    policy,
    policy_names,
)
from streamlab.backpressure.realtime import BackpressureSettings
from streamlab.errors import DefinitionError, OptionError, PolicyError


def test_the_built_in_policies_are_there_the_default_one_first():
    assert policy_names()[: len(BUILT_IN)] == tuple(BUILT_IN)
    assert policy_names()[0] == BackpressureSettings().policy
    for name in BUILT_IN:
        check_policy(name)
        assert meaning_of_policy(name)


def test_an_unknown_name_is_answered_with_those_there_are():
    for name in ("magic", None, 3, "REALTIME", ["fifo"]):
        with pytest.raises(OptionError, match=r"'realtime' or 'lossless' or .*'lifetime_rate'"):
            check_policy(name)


def test_a_class_is_registered_under_a_name_and_made_with_its_settings():
    try:

        @policy("third")
        class Third(QueuePolicy):
            """Every third frame,
            and no other.
            """

        assert policy_names()[-1] == "third"
        settings = BackpressureSettings(policy="third")
        made = make_policy(settings)
        assert type(made) is Third
        assert made.settings is settings
        assert meaning_of_policy("third") == "every third frame,"
        assert heeds("third", "window_s")
        assert not pauses("third")
    finally:
        REGISTRY._own.pop("third")


def test_registering_a_name_again_replaces_it():
    registry = PolicyRegistry()
    registry.register("mine", EveryOther)
    other = type("Other", (QueuePolicy,), {})
    registry.register("mine", other)
    assert registry.get("mine") is other
    assert PolicyRegistry().get("mine") is None


class Structural:
    """A policy that derives from nothing."""

    has_room = True

    def __init__(self, settings):
        self.waiting = []

    def arrive(self, now, frame_index):
        self.waiting.append(frame_index)
        return Decision()

    def expire(self, now):
        return Decision()

    def start(self, now):
        return self.waiting.pop(0)

    def finish(self, now):
        return Decision()

    def observe(self, now):
        return Decision()

    def retune(self, now, settings):
        return Decision()


def test_a_class_needs_the_methods_and_no_base():
    PolicyRegistry().register("structural", Structural)


@pytest.mark.parametrize(
    ("name", "candidate", "problem"),
    [
        ("function", lambda settings: None, r"not a class; derive one from streamlab\.QueuePolicy"),
        ("made", QueuePolicy(BackpressureSettings()), "not a class"),
        ("bare", type("Bare", (), {}), r"has no method arrive\(\)"),
        ("half", type("Half", (), {"arrive": lambda self: None}), r"has no method expire\(\)"),
        ("list", type("List", (QueuePolicy,), {"heeds": ["fps"]}), "heeds is not a frozenset"),
        ("fifo", EveryOther, "a built-in policy has this name"),
        ("two words", EveryOther, "a name is a letter and up to 63"),
        ("", EveryOther, "a name is a letter"),
        (None, EveryOther, "a name is a letter"),
    ],
)
def test_what_is_no_usable_policy_is_refused_with_the_reason(name, candidate, problem):
    with pytest.raises(DefinitionError, match=problem):
        PolicyRegistry().register(name, candidate)


def test_a_class_that_cannot_be_made_is_named():
    class Demanding(QueuePolicy):
        """Wants more than it gets."""

        def __init__(self, settings, target_s):
            super().__init__(settings)

    with registered(demanding=Demanding), pytest.raises(PolicyError) as caught:
        make_policy(BackpressureSettings(policy="demanding"))
    assert str(caught.value).startswith("policy 'demanding': Demanding() raised TypeError: ")
    assert "target_s" in str(caught.value)


def test_a_package_adds_policies_and_its_broken_ones_are_told_of(policy_package):
    registry = PolicyRegistry()
    assert registry.get("third").__module__ == "admissions"
    assert registry.get("fifo").__module__ == "streamlab.backpressure.baselines"
    assert registry.names()[-1] == "third"
    problems = "\n".join(registry.problems)
    assert len(registry.problems) == 5
    for expected in (
        "'number' (admissions:NUMBER): not a class",
        "'absent' (admissions:absent): AttributeError",
        "'missing' (no_such_module:thing): ModuleNotFoundError",
        "'bang' (explosive:thing): RuntimeError: bang",
        "'fifo' (admissions:Third): another policy has this name",
    ):
        assert expected in problems


def test_looking_at_all_policies_loads_nothing_heavy():
    code = (
        "import sys; from streamlab.backpressure.policies import *;"
        "[meaning_of_policy(name) for name in policy_names()];"
        "print([m for m in ('numpy', 'tornado', 'streamlab.server') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
