"""The simple policies, one by one."""

import pytest

from streamlab.backpressure.checked import CheckedPolicy
from streamlab.backpressure.realtime import Backpressure, BackpressureSettings


def outcome(policy, events, **settings):
    """Run events, `(time, "arrive" | "start" | "finish")`; return who was dropped why."""
    deciding = CheckedPolicy(BackpressureSettings(policy=policy, **settings))
    dropped, index = [], 0
    for now, event in events:
        if event == "arrive":
            decision = deciding.arrive(now, index)
            dropped += [(frame, decision.cause) for frame in decision.dropped]
            index += 1
        elif event == "start":
            deciding.start(now)
        else:
            deciding.finish(now)
    return dropped, deciding.waiting


BUSY = [(0.0, "arrive"), (0.0, "start")]


@pytest.mark.parametrize(
    ("policy", "settings", "dropped", "waiting"),
    [
        ("no_waiting", {}, [(1, "overflow"), (2, "overflow"), (3, "overflow")], 0),
        ("latest", {}, [(1, "replaced"), (2, "replaced")], 1),
        ("fifo", {"waiting_frames": 2}, [(3, "overflow")], 2),
        ("lossless", {}, [], 3),
        ("realtime", {}, [(1, "overflow")], 2),
    ],
)
def test_three_frames_behind_one_in_flight(policy, settings, dropped, waiting):
    events = [*BUSY, (0.01, "arrive"), (0.02, "arrive"), (0.03, "arrive")]
    assert outcome(policy, events, **settings) == (dropped, waiting)


def test_no_waiting_takes_the_next_frame_once_it_is_free():
    events = [*BUSY, (0.05, "finish"), (0.06, "arrive"), (0.06, "start"), (0.07, "arrive")]
    assert outcome("no_waiting", events) == ([(2, "overflow")], 0)


def test_a_lifetime_rate_latches_after_one_slow_frame():
    events = [*BUSY, (0.2, "finish")]
    for index in range(1, 100):
        now = 0.2 + index / 30
        events += [(now, "arrive"), (now, "start")]
    dropped, _ = outcome("lifetime_rate", events)
    assert [frame for frame, _ in dropped] == list(range(1, 100))


def test_a_fifo_that_is_made_shorter_drops_its_newest_frames():
    policy = CheckedPolicy(BackpressureSettings(policy="fifo", waiting_frames=4))
    for index in range(4):
        policy.arrive(0.0, index)
    decision = policy.retune(0.1, BackpressureSettings(policy="fifo", waiting_frames=2))
    assert (decision.dropped, decision.cause) == ((2, 3), "overflow")
    assert policy.arrive(0.2, 4).dropped == (4,)
    assert policy.start(0.2) == 0


def test_lossless_has_room_while_fewer_frames_wait_than_may():
    policy = CheckedPolicy(BackpressureSettings(policy="lossless", waiting_frames=2))
    assert policy.pauses
    room = [policy.has_room]
    for index in range(2):
        policy.arrive(0.0, index)
        room.append(policy.has_room)
    policy.start(0.0)
    assert [*room, policy.has_room] == [True, True, False, True]


def test_the_class_of_the_default_policy_gives_a_lossless_one_where_settings_name_it():
    settings = BackpressureSettings(policy="lossless")
    policy = Backpressure(settings)
    assert policy.settings == settings
    assert all(policy.arrive(0.0, index).dropped == () for index in range(9))
    assert not policy.has_room
