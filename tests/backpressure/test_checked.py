# wrong values on purpose
# mypy: disable-error-code="arg-type, list-item, misc"

"""The contract of policies: what breaks it is named, and has not happened."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policies import EveryOther, FailsAt, Newest, OneAtATime, registered

from streamlab.backpressure.admission import NOTHING, Decision, QueuePolicy
from streamlab.backpressure.checked import CheckedPolicy
from streamlab.backpressure.policies import BUILT_IN
from streamlab.backpressure.realtime import BackpressureSettings
from streamlab.errors import PolicyError


def checked(policy_class):
    with registered(mine=policy_class):
        return CheckedPolicy(BackpressureSettings(policy="mine"))


def overriding(**methods):
    return checked(type("Mine", (QueuePolicy,), methods))


def test_policies_that_keep_the_contract_decide_as_they_do():
    policy = checked(EveryOther)
    assert [policy.arrive(0.0, index).dropped for index in range(4)] == [(), (1,), (), (3,)]
    assert (policy.waiting, policy.start(0.1), policy.in_flight) == (2, 0, 0)
    assert policy.start(0.1) is None, "one is in flight"
    policy.finish(0.2)
    assert policy.start(0.2) == 2
    assert policy.close() == (2,)

    policy = checked(Newest)
    for index in range(4):
        policy.arrive(0.0, index)
    assert policy.expire(0.1) == Decision((0, 1, 2), "replaced")
    assert policy.start(0.1) == 3

    policy = checked(OneAtATime)
    assert policy.has_room
    policy.arrive(0.0, 0)
    assert not policy.has_room
    assert policy.close() == (0,)


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (None, r"arrive\(\) returned None; a Decision is allowed"),
        ((1,), r"arrive\(\) returned \(1,\)"),
        (Decision((7,)), "dropped frame 7, which does not wait"),
        (Decision((0,)), "dropped frame 0, which is in flight"),
        (Decision((2, 2)), "dropped frame 2 twice"),
        (Decision(("2",)), "dropped frame '2', which does not wait"),
        (Decision([2]), r"dropped=\[2\]; a tuple of indexes"),
        (Decision((2,), "closed"), "cause='closed'; 'overflow' or 'replaced' is allowed"),
        (Decision((2,), ["why"]), r"cause=\['why'\]"),
        (Decision(state="busy"), "state='busy'; 'normal' or 'warning' or 'critical' is allowed"),
        (Decision(state=["x"]), r"state=\['x'\]"),
        (Decision(target_fps=0), "target_fps=0; a number above 0"),
        (Decision(target_fps=float("nan")), "target_fps=nan"),
        (Decision(target_fps="10"), "target_fps='10'"),
    ],
)
def test_a_decision_that_cannot_be_is_named_and_not_taken(returned, words):
    answers = iter([NOTHING, NOTHING, returned])
    policy = overriding(
        arrive=lambda self, now, index: (self.queue.append(index), next(answers))[1]
    )
    policy.arrive(0.0, 0)
    policy.start(0.0)
    policy.arrive(0.0, 1)
    with pytest.raises(PolicyError, match=f"policy 'mine'.*{words}") as caught:
        policy.arrive(0.0, 2)
    assert "\n" not in str(caught.value)
    assert policy.close() == (0, 1, 2), "every frame is still there to be answered"


@pytest.mark.parametrize(
    ("started", "words"),
    [
        (None, "started nothing, and frame 2 waits"),
        (0, "started frame 0, which does not wait"),
        (9, "started frame 9, which does not wait"),
        ("2", "started frame '2'"),
        (2.0, r"started frame 2\.0"),
        (True, "started frame True"),
    ],
)
def test_a_start_that_cannot_be_is_named(started, words):
    answers = iter([1, started])
    policy = overriding(start=lambda self, now: next(answers))
    policy.arrive(0.0, 1)
    policy.start(0.0)
    policy.finish(0.1)
    policy.arrive(0.1, 2)
    with pytest.raises(PolicyError, match=words):
        policy.start(0.1)
    assert policy.close() == (2,)


def test_an_older_frame_is_not_started_after_a_newer_one():
    policy = overriding(start=lambda self, now: self.queue.pop())
    for index in range(3):
        policy.arrive(0.0, index)
    assert policy.start(0.0) == 2
    policy.finish(0.1)
    with pytest.raises(PolicyError, match="started frame 1 after frame 2; results come in order"):
        policy.start(0.1)


def test_a_policy_without_frames_has_room():
    policy = overriding(has_room=property(lambda self: False))
    with pytest.raises(PolicyError, match="has_room is false though no frame waits"):
        _ = policy.has_room


@pytest.mark.parametrize("method", ["arrive", "expire", "start", "finish", "observe", "retune"])
def test_what_a_method_raises_is_the_cause_of_an_error_that_names_it(method):
    def fail(self, *arguments):
        raise LookupError("a word\nin two lines")

    policy = overriding(**{method: fail})

    def run():
        policy.arrive(0.0, 0)
        policy.expire(0.0)
        policy.start(0.0)
        policy.finish(0.0)
        policy.observe(0.0)
        policy.retune(0.0, BackpressureSettings(policy="mine"))

    with pytest.raises(PolicyError, match=rf"policy 'mine'.*: {method}\(\) raised Look") as caught:
        run()
    assert isinstance(caught.value.__cause__, LookupError)


def test_the_error_names_the_frame_and_travels_to_other_processes():
    policy = checked(FailsAt)
    for index in range(3):
        policy.arrive(0.0, index)
    with pytest.raises(PolicyError) as caught:
        policy.arrive(0.0, 3)
    error = caught.value
    assert (error.policy, error.frame_index) == ("mine", 3)
    travelled = pickle.loads(pickle.dumps(PolicyError("mine", "start()", "did nothing", 3, "tb")))
    assert str(travelled) == "policy 'mine', frame 3: start() did nothing"
    assert travelled.report == "tb"


def test_a_policy_is_not_changed():
    policy = CheckedPolicy(BackpressureSettings())
    with pytest.raises(ValueError, match="a session keeps its policy"):
        policy.retune(0.0, BackpressureSettings(policy="latest"))


@given(
    name=st.sampled_from([*BUILT_IN]),
    events=st.lists(st.tuples(st.sampled_from("aafso"), st.floats(0, 0.5)), max_size=150),
    waiting_frames=st.integers(1, 4),
)
def test_the_built_in_policies_keep_the_contract(name, events, waiting_frames):
    policy = CheckedPolicy(BackpressureSettings(0.1, 0.3, name, waiting_frames, 0.5))
    now, index, ended = 0.0, 0, []
    for event, gap in events:
        now += gap
        if event == "a" and policy.has_room:
            ended += policy.arrive(now, index).dropped
            index += 1
        elif event == "f" and policy.in_flight is not None:
            ended.append(policy.in_flight)
            ended += policy.finish(now).dropped
        elif event == "s" and policy.in_flight is None:
            ended += policy.expire(now).dropped
            policy.start(now)
        elif event == "o":
            ended += policy.observe(now).dropped
    ended += policy.close()
    assert sorted(ended) == list(range(index))
