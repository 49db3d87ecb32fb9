"""What a replay decides by: the very classes that a server does."""

import pytest

from streamlab.backpressure.policies import policy_class, policy_names
from streamlab.backpressure.realtime import BackpressureSettings
from streamlab.errors import OptionError
from streamlab.replay.policies import ReplaySettings


@pytest.mark.parametrize("policy", policy_names())
def test_a_replay_runs_the_class_that_the_server_runs(policy):
    made = ReplaySettings(policy=policy, window_s=3.0).make_policy()
    assert type(made.policy) is policy_class(policy)
    assert made.settings == BackpressureSettings(policy=policy, window_s=3.0)


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
