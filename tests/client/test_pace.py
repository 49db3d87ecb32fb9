"""When frames are due, at a fixed rate and at one that follows the server."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.client.pace import (
    DECREASE,
    HOLD_S,
    INCREASE_PER_S,
    MIN_FPS,
    AdaptivePace,
    FixedPace,
    make_pace,
    shown_frame,
)
from streamlab.client.together import phases

SHARED = json.loads(Path(__file__).with_name("pace_cases.json").read_text())
"""What a browser's pace is held to as well, by tests/web/pace.test.js."""


def test_a_fixed_pace_never_drifts_and_hears_nothing():
    pace = FixedPace(30)
    assert pace.slow_down(1.0, 5.0) is None
    pace.dropped(1.0)
    assert [pace.due(index) for index in (0, 1, 300_000)] == [0.0, 1 / 30, 10_000.0]


def test_an_adaptive_pace_falls_holds_and_probes_upwards():
    pace = AdaptivePace(30)
    assert pace.rate(5.0) == 30
    assert pace.slow_down(5.0, 18.0) == 18.0
    assert pace.rate(5.0 + HOLD_S) == 18.0
    assert pace.rate(5.0 + HOLD_S + 1) == pytest.approx(18.0 + 30 * INCREASE_PER_S)
    assert pace.rate(100.0) == 30


def test_a_fall_is_never_smaller_than_the_multiplicative_one():
    pace = AdaptivePace(40)
    assert pace.slow_down(0.0, 39.0) == pytest.approx(40 * DECREASE)


def test_it_does_not_probe_while_frames_are_dropped():
    pace = AdaptivePace(30)
    pace.slow_down(0.0, 10.0)
    probed = pace.rate(HOLD_S + 2)
    pace.dropped(HOLD_S + 2)
    assert pace.rate(2 * HOLD_S + 2) == pytest.approx(probed)
    assert pace.rate(2 * HOLD_S + 3) > probed


@pytest.mark.parametrize("case", SHARED, ids=[case["promise"] for case in SHARED])
def test_a_python_client_and_a_browser_have_the_same_rate_at_the_same_time(case):
    pace = AdaptivePace(case["fps"])
    for time, what, *value in case["events"]:
        if what == "slow_down":
            assert pace.slow_down(time, *value) == pytest.approx(pace.rate(time), rel=1e-9)
        elif what == "dropped":
            pace.dropped(time)
        else:
            assert pace.rate(time) == pytest.approx(value[0], rel=1e-9), (time, what)


@given(
    st.floats(1, 120),
    st.lists(st.tuples(st.floats(0.01, 5), st.floats(0.01, 200), st.booleans()), max_size=30),
)
def test_whatever_the_server_says_the_rate_stays_within_its_limits_and_due_times_rise(fps, said):
    pace = AdaptivePace(fps)
    now, due = 0.0, []
    for index, (later, target, is_drop) in enumerate(said):
        now += later
        if is_drop:
            pace.dropped(now)
        else:
            assert pace.slow_down(now, target) <= max(MIN_FPS, target)
        assert min(MIN_FPS, fps) <= pace.rate(now) <= fps
        due.append(pace.due(index))
    assert due == sorted(due)
    assert len(set(due)) == len(due)


def test_the_pace_is_the_one_asked_for():
    assert isinstance(make_pace(30, adaptive=True), AdaptivePace)
    assert isinstance(make_pace(30, adaptive=False), FixedPace)


@pytest.mark.parametrize(
    ("fps", "video_fps", "shown"),
    [
        (30, 30, [0, 1, 2, 3, 4]),
        (10, 30, [0, 3, 6, 9, 12]),
        (60, 30, [0, 0, 1, 1, 2]),
        (25, 30, [0, 1, 2, 3, 4, 6]),
    ],
)
def test_a_video_in_real_time_shows_the_frame_of_its_time(fps, video_fps, shown):
    assert [shown_frame(k / fps, video_fps) for k in range(len(shown))] == shown


@given(st.integers(1, 100_000), st.sampled_from([15.0, 24.0, 25.0, 29.97, 30.0, 60.0]))
def test_at_the_videos_own_rate_no_frame_is_skipped_or_repeated(index, fps):
    assert shown_frame(index / fps, fps) == index


def test_phases_are_those_of_the_seed_within_an_interval():
    assert phases(1, 30, seed=5) == [0.0]
    first = phases(10, 15, seed=1)
    assert first == phases(10, 15, seed=1) != phases(10, 15, seed=2)
    assert all(0 <= phase <= 1 / 15 for phase in first)
