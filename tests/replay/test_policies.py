"""The rules that a replay compares, one by one."""

import pytest

from streamlab.backpressure.realtime import Backpressure, BackpressureSettings
from streamlab.errors import OptionError
from streamlab.replay.policies import REPLAY_POLICIES, ReplaySettings


def fates(policy, events, **settings):
    """Run events, `(time, "arrive" | "start" | "finish")`, and return who was dropped why."""
    line = ReplaySettings(policy=policy, **settings).make_line()
    dropped, index = [], 0
    for now, event in events:
        if event == "arrive":
            decision = line.arrive(now, index)
            dropped += [(frame, decision.cause) for frame in decision.dropped]
            index += 1
        elif event == "start":
            line.start(now)
        else:
            line.finish(now)
    return dropped, line.waiting


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
    assert fates(policy, events, **settings) == (dropped, waiting)


def test_no_waiting_takes_the_next_frame_once_it_is_free():
    events = [*BUSY, (0.05, "finish"), (0.06, "arrive"), (0.06, "start"), (0.07, "arrive")]
    assert fates("no_waiting", events) == ([(2, "overflow")], 0)


def test_a_lifetime_rate_latches_after_one_slow_frame():
    events = [*BUSY, (0.2, "finish")]
    for index in range(1, 100):
        now = 0.2 + index / 30
        events += [(now, "arrive"), (now, "start")]
    dropped, _ = fates("lifetime_rate", events)
    assert [frame for frame, _ in dropped] == list(range(1, 100))


def test_the_servers_own_policies_run_the_servers_own_class():
    for policy in ("realtime", "lossless"):
        line = ReplaySettings(policy=policy, window_s=3.0).make_line()
        assert type(line) is Backpressure
        assert line.settings == BackpressureSettings(policy=policy, window_s=3.0)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"policy": "magic"}, "lifetime_rate"),
        ({"drop_threshold": 1.5}, "from 0 to 1"),
        ({"drop_threshold": "0.2"}, "a number is allowed"),
        ({"drop_threshold": 0.5, "slowdown_threshold": 0.4}, "under the drop threshold"),
        ({"waiting_frames": 0}, "from 1 to"),
        ({"waiting_frames": 1.5}, "whole number"),
        ({"window_s": float("nan")}, "seconds"),
    ],
)
def test_a_setting_that_is_not_allowed_is_named(settings, words):
    with pytest.raises(OptionError, match=words) as caught:
        ReplaySettings(**settings)
    assert next(iter(settings)) in str(caught.value) or "slowdown_threshold" in str(caught.value)


def test_every_policy_says_what_it_does():
    from streamlab.replay.policies import RULES

    assert set(RULES) == set(REPLAY_POLICIES)
    assert all(meaning for _, meaning in RULES.values())
