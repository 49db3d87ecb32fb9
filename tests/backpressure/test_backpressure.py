from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from simulation import simulate

from streamlab.backpressure.realtime import Backpressure, BackpressureSettings

WINDOW_S = BackpressureSettings().window_s


def regular(fps, seconds, start=0.0):
    return [start + k / fps for k in range(int(fps * seconds))]


def bursts(fps, seconds, size, start=0.0):
    """Frames at `fps` on average that come `size` at a time."""
    return [start + k // size * size / fps for k in range(int(fps * seconds))]


def constant(service_s):
    return lambda now: service_s


def test_a_normal_session_lets_two_frames_wait_and_the_oldest_give_way():
    policy = Backpressure()
    policy.arrive(0.0, 0)
    assert policy.start(0.0) == 0
    assert policy.arrive(0.0, 1).dropped == ()
    assert policy.arrive(0.0, 2).dropped == ()
    decision = policy.arrive(0.0, 3)
    assert (decision.dropped, decision.cause) == ((1,), "overflow")
    assert policy.waiting == 2
    assert policy.start(0.0) is None
    policy.finish(0.1)
    assert policy.start(0.1) == 2


def overloaded():
    """A session that was driven to `critical`, and the time it is there."""
    policy = Backpressure()
    now = 0.0
    for index in range(200):
        now += 0.01
        policy.arrive(now, index)
        if index % 5 == 0:
            if policy.in_flight is not None:
                policy.finish(now)
            policy.start(now)
    assert policy.state == "critical"
    return policy, now, 200


def test_a_shedding_session_keeps_only_the_newest_waiting_frame():
    policy, now, index = overloaded()
    assert policy.waiting == 1
    decision = policy.arrive(now, index)
    assert (decision.dropped, decision.cause) == ((index - 1,), "replaced")


def test_a_lossless_session_never_drops_and_says_when_it_has_room():
    policy = Backpressure(BackpressureSettings(policy="lossless"))
    for index in range(50):
        assert policy.arrive(index / 100, index).dropped == ()
    assert not policy.has_room
    assert policy.state == "normal"
    for index in range(50):
        assert policy.start(1.0) == index
        policy.finish(1.0)
    assert policy.has_room


def test_finishing_what_is_not_in_flight_is_an_error():
    with pytest.raises(RuntimeError, match="no frame is in flight"):
        Backpressure().finish(0.0)


def test_closing_returns_what_was_left_oldest_first():
    policy = Backpressure()
    for index in range(3):
        policy.arrive(0.0, index)
        policy.start(0.0)
    assert policy.close() == (0, 1, 2)
    assert (policy.waiting, policy.in_flight) == (0, None)


# arrivals, service, share processed at least, p99 at most (s), changes of state at most
STEADY = [
    ("within capacity", regular(15, 60), 0.05, 1.0, 0.051, 0),
    ("bursts of three", bursts(15, 60, 3), 0.05, 1.0, 0.151, 0),
    ("a little over capacity", regular(20.5, 60), 0.05, 0.97, 0.151, 1),
    ("twice the capacity", regular(40, 60), 0.05, 0.49, 0.11, 2),
    ("four times the capacity", regular(80, 60), 0.05, 0.245, 0.11, 2),
]


@pytest.mark.parametrize(
    ("name", "arrivals", "service_s", "processed", "p99_s", "changes"),
    STEADY,
    ids=[row[0] for row in STEADY],
)
def test_what_a_steady_load_costs(name, arrivals, service_s, processed, p99_s, changes):
    outcome = simulate(arrivals, constant(service_s))
    latencies = sorted(outcome.latencies_s)
    assert outcome.processed / len(arrivals) >= processed
    assert latencies[int(0.99 * (len(latencies) - 1))] <= p99_s
    assert len(outcome.changes) <= changes


def test_overload_is_told_once_with_a_rate_that_can_be_sustained():
    outcome = simulate(regular(40, 60), constant(0.05))
    assert outcome.changes[-1][1] == "critical"
    [(told_at, target_fps)] = outcome.slow_downs
    assert told_at < WINDOW_S
    assert 15 <= target_fps <= 20


def test_a_slow_first_frame_changes_nothing():
    outcome = simulate(regular(30, 60), lambda now: 0.2 if now == 0 else 0.02)
    assert outcome.changes == []
    assert outcome.processed >= len(regular(30, 60)) - 5


def test_a_stall_does_not_outlast_itself():
    outcome = simulate(regular(15, 60), lambda now: 0.4 if 30 <= now < 30.06 else 0.05)
    assert len(outcome.changes) <= 2
    assert outcome.state == "normal"
    assert outcome.dropped <= 5


def test_a_queue_that_never_empties_is_a_warning_without_a_single_drop():
    busy = simulate(regular(20, 30), constant(0.0501))
    assert busy.changes[0][1] == "warning"
    first_seconds = simulate(regular(20, busy.changes[0][0]), constant(0.0501))
    assert first_seconds.dropped == 0
    nearly = simulate(regular(19, 30), constant(0.05))
    assert nearly.changes == []


def test_a_silent_session_returns_to_normal_when_it_is_looked_at():
    policy, now, _ = overloaded()
    while policy.waiting or policy.in_flight is not None:
        if policy.in_flight is not None:
            policy.finish(now)
        policy.start(now)
    policy.observe(now + WINDOW_S + 0.1)
    policy.observe(now + 2 * WINDOW_S + 0.2)
    assert policy.state == "normal"


@settings(deadline=None, max_examples=60)
@given(
    overload=st.floats(1.2, 8),
    overload_s=st.floats(1, 12),
    load=st.floats(0.1, 0.8),
    burst=st.integers(1, 3),
    service_s=st.floats(0.005, 0.08),
    thresholds=st.sampled_from([(0.1, 0.3), (0.0, 0.0), (0.02, 0.9), (0.5, 0.5)]),
)
@example(4.0, 20.0, 0.75, 1, 0.05, (0.1, 0.3))
@example(4.0, 20.0, 0.75, 3, 0.05, (0.1, 0.3))
def test_no_state_latches(overload, overload_s, load, burst, service_s, thresholds):
    """Once the load is one that `normal` absorbs, the state is normal within two windows."""
    fps = load / service_s
    calm = bursts(fps, 3 * WINDOW_S + 3 * burst / fps, burst, start=overload_s)
    arrivals = regular(overload / service_s, overload_s) + calm
    limits = BackpressureSettings(*thresholds)
    settled = overload_s + 2 * WINDOW_S + 2 * burst / fps
    until = [at for at in arrivals if at <= settled]
    outcome = simulate(until, constant(service_s), limits)
    assert outcome.state == "normal"
    later = simulate(arrivals, constant(service_s), limits)
    assert [at for at, _ in later.changes if at > settled + 2 * burst / fps] == []


@settings(deadline=None, max_examples=60)
@given(load=st.floats(1.05, 10), service_s=st.floats(0.005, 0.1))
def test_no_state_flaps_under_a_steady_overload(load, service_s):
    outcome = simulate(regular(load / service_s, 40), constant(service_s))
    assert [at for at, _ in outcome.changes if at > 4 * WINDOW_S] == []
    assert len(outcome.changes) <= 2
    assert len(outcome.slow_downs) <= 1


@settings(deadline=None, max_examples=60)
@given(
    load=st.floats(0.1, 6),
    services=st.lists(st.floats(0.001, 0.3), min_size=1, max_size=20),
    seed=st.integers(0, 9),
)
def test_latency_stays_bounded_and_every_frame_is_accounted_for(load, services, seed):
    mean = sum(services) / len(services)
    arrivals = regular(load / mean, min(20, 400 * mean / load))
    count = iter(range(10**9))
    outcome = simulate(arrivals, lambda now: services[next(count) % len(services)])
    assert outcome.ledger.is_balanced
    assert outcome.processed + outcome.dropped == len(arrivals)
    assert max(outcome.latencies_s, default=0) <= 3 * max(services) + 1e-9


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0.0005, 0.4), min_size=20, max_size=300), st.floats(0.001, 0.2))
def test_states_change_at_most_once_a_window_except_to_rise_again(gaps, service_s):
    now = 0.0
    arrivals = [now := now + gap for gap in gaps]
    outcome = simulate(arrivals, constant(service_s))
    order = ["normal", "warning", "critical"]
    previous, was_rise = 0.0, False
    state = "normal"
    for at, new in outcome.changes:
        rises = order.index(new) > order.index(state)
        if state != "normal" or outcome.changes.index((at, new)):
            assert at - previous >= WINDOW_S or (rises and was_rise)
        previous, was_rise, state = at, rises, new
    told = [at for at, _ in outcome.slow_downs]
    assert all(b - a >= WINDOW_S for a, b in pairwise(told))


def test_what_left_the_window_is_forgotten_when_time_is_told():
    policy = Backpressure()
    for index in range(3000):
        now = index / 30
        policy.arrive(now, index)
        policy.start(now)
        policy.finish(now + 0.001)
        if index % 30 == 0:
            policy.observe(now)
    load = policy._load
    kept = sum(len(window._events) for window in (load.outcomes, load.excess, load.finished))
    assert kept <= 3 * 30 * (WINDOW_S + 1)
