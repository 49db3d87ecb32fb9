"""Changing what a session decides by while it runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.backpressure.realtime import Backpressure, BackpressureSettings
from streamlab.sessions.ledger import Ledger


def loaded(waiting):
    line = Backpressure(BackpressureSettings(waiting_frames=waiting))
    for index in range(waiting + 1):
        line.arrive(0.0, index)
        line.start(0.0)
    return line


def test_a_shorter_line_sheds_the_oldest_at_once():
    line = loaded(4)
    decision = line.retune(0.1, BackpressureSettings(waiting_frames=2))
    assert decision.dropped == (1, 2)
    assert line.waiting == 2


def test_a_longer_line_lets_more_wait():
    line = loaded(1)
    line.retune(0.1, BackpressureSettings(waiting_frames=3))
    assert line.arrive(0.2, 2).dropped == ()
    assert line.arrive(0.2, 3).dropped == ()
    assert line.arrive(0.2, 4).dropped == (1,)


def test_other_thresholds_decide_from_now_on():
    line, now = Backpressure(), 0.0
    for index in range(300):
        now += 0.02
        line.arrive(now, index)
        if index % 4 == 0:
            if line.in_flight is not None:
                line.finish(now)
            line.start(now)
    assert line.state == "critical"
    line.retune(now + 2, BackpressureSettings(drop_threshold=0.97, slowdown_threshold=0.99))
    for index in range(300, 400):
        now += 0.02
        line.arrive(now, index)
        if index % 4 == 0:
            line.finish(now)
            line.start(now)
    state: str = line.state  # what a checker knows of it is from before
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
    line, ledger = Backpressure(), Ledger()
    now, index = 0.0, 0

    def take(decision):
        for _ in decision.dropped:
            ledger.drop(decision.cause)

    for kind, number, share in events:
        now += 0.03
        if kind == "arrive":
            ledger.admit()
            take(line.arrive(now, index))
            index += 1
        elif kind == "work":
            if line.in_flight is not None:
                ledger.complete()
                take(line.finish(now))
        else:
            changed = BackpressureSettings(
                waiting_frames=number,
                drop_threshold=share,
                slowdown_threshold=1.0,
                window_s=number / 2,
            )
            take(line.retune(now, changed))
        if line.start(now) is not None:
            ledger.start()
        assert ledger.is_balanced
        assert ledger.waiting == line.waiting
        assert line.waiting <= line.settings.waiting_frames
