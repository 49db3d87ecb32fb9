"""Changing what a session decides by while it runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.backpressure.realtime import Backpressure, BackpressureSettings
from streamlab.sessions.ledger import Ledger


def loaded(waiting):
    policy = Backpressure(BackpressureSettings(waiting_frames=waiting))
    for index in range(waiting + 1):
        policy.arrive(0.0, index)
        policy.start(0.0)
    return policy


def test_a_shorter_queue_sheds_the_oldest_at_once():
    policy = loaded(4)
    decision = policy.retune(0.1, BackpressureSettings(waiting_frames=2))
    assert decision.dropped == (1, 2)
    assert policy.waiting == 2


def test_a_longer_queue_lets_more_wait():
    policy = loaded(1)
    policy.retune(0.1, BackpressureSettings(waiting_frames=3))
    assert policy.arrive(0.2, 2).dropped == ()
    assert policy.arrive(0.2, 3).dropped == ()
    assert policy.arrive(0.2, 4).dropped == (1,)


def test_other_thresholds_decide_from_now_on():
    policy, now = Backpressure(), 0.0
    for index in range(300):
        now += 0.02
        policy.arrive(now, index)
        if index % 4 == 0:
            if policy.in_flight is not None:
                policy.finish(now)
            policy.start(now)
    assert policy.state == "critical"
    policy.retune(now + 2, BackpressureSettings(drop_threshold=0.97, slowdown_threshold=0.99))
    for index in range(300, 400):
        now += 0.02
        policy.arrive(now, index)
        if index % 4 == 0:
            policy.finish(now)
            policy.start(now)
    state: str = policy.state  # what a checker knows of it is from before
    assert state == "warning"


def test_the_policy_stays():
    with pytest.raises(ValueError, match="policy"):
        Backpressure().retune(0.0, BackpressureSettings(policy="lossless"))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["arrive", "work", "retune"]), st.integers(1, 6), st.floats(0, 1)
        ),
        max_size=80,
    )
)
def test_every_frame_is_accounted_for_whatever_is_changed_when(events):
    policy, ledger = Backpressure(), Ledger()
    now, index = 0.0, 0

    def take(decision):
        for _ in decision.dropped:
            ledger.drop(decision.cause)

    for kind, number, share in events:
        now += 0.03
        if kind == "arrive":
            ledger.admit()
            take(policy.arrive(now, index))
            index += 1
        elif kind == "work":
            if policy.in_flight is not None:
                ledger.complete()
                take(policy.finish(now))
        else:
            changed = BackpressureSettings(
                waiting_frames=number,
                drop_threshold=share,
                slowdown_threshold=1.0,
                window_s=number / 2,
            )
            take(policy.retune(now, changed))
        if policy.start(now) is not None:
            ledger.start()
        assert ledger.is_balanced
        assert ledger.waiting == policy.waiting
        assert policy.waiting <= policy.settings.waiting_frames
