"""Sweeping: every setting gets the figures that its own replay would have."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import calm_recording

from streamlab.errors import OptionError
from streamlab.replay.capacity import breaking_points, capacity
from streamlab.replay.grid import jobs_of, run_one, settings_of
from streamlab.replay.plan import PLAN_NAMES
from streamlab.replay.sweep import sweep
from streamlab.replay.threshold_interval import ThresholdInterval, WatchedThreshold
from streamlab.replay.trace_data import SETTING_NAMES

COSTS = np.random.default_rng(1).uniform(8, 40, 200)
RECORDING = calm_recording(service_ms=COSTS, frames=200)
TRACE = RECORDING.trace()
GRID: dict[str, Sequence[float]] = {
    "drop_threshold": [0.0, 0.05, 0.1, 0.2, 0.4],
    "slowdown_threshold": [0.1, 0.3, 0.5, 1.0],
    "waiting_frames": [1, 2, 4],
    "fps": [38, 45],
}


def test_a_row_has_what_a_replay_of_its_own_says():
    """The shortcut over equal runs may never show."""
    table = sweep(TRACE, GRID, progress=False)
    assert (
        len(table)
        == sum(s >= d for d in GRID["drop_threshold"] for s in GRID["slowdown_threshold"]) * 6
    )
    for _, row in table.iterrows():
        setting = {name: row[name] for name in GRID}
        setting["waiting_frames"] = int(setting["waiting_frames"])
        for name, value in run_one(TRACE, setting).items():
            assert row[name] == value or (np.isnan(row[name]) and np.isnan(value)), name
    assert table["drop_rate"].nunique() > 5


def test_processes_find_what_one_finds():
    grid = {**GRID, "seconds": [25.0]}
    assert sum(sweep(TRACE, grid, progress=False)["sent"]) > 100_000
    several = sweep(TRACE, grid, progress=False, processes=2)
    pd.testing.assert_frame_equal(several, sweep(TRACE, grid, progress=False, processes=1))


def test_a_recording_can_be_swept_as_it_is():
    table = sweep(RECORDING, [{"fps": 30}, {"fps": 60, "policy": "latest"}], progress=False)
    assert table["sent"].tolist() == [200, 400]
    # no figure may pass for a setting
    assert not {*SETTING_NAMES, *PLAN_NAMES} & {*table} - {"fps", "policy"}


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({"drop_treshold": [0.1]}, "drop_treshold.*there are: drop_threshold"),
        ({"fps": 30}, "a list of values"),
        ({"policy": "latest"}, "a list of values"),
        ({"fps": []}, "no setting to try"),
        ([], "no setting to try"),
        ({"fps": [30, -1]}, "fps=-1.*above 0"),
        ({"drop_threshold": [0.5], "slowdown_threshold": [0.2]}, "no setting to try"),
        ([{"fps": 30}, {"magic": 1}], "magic"),
    ],
)
def test_a_grid_that_cannot_be_swept_is_refused_in_one_sentence(grid, words):
    with pytest.raises(OptionError, match=words) as caught:
        sweep(TRACE, grid, progress=False)
    assert "\n" not in str(caught.value)


def test_a_bad_value_in_a_process_raises_the_same_error():
    grid = {"fps": [float(fps) for fps in range(1, 200)] + [-1.0], "seconds": [30.0]}
    with pytest.raises(OptionError, match=r"fps=-1.*above 0"):
        sweep(TRACE, grid, progress=False, processes=2)


SCRIPT = """
import os, sys
sys.path.insert(0, {support!r})
from recordings import calm_recording
from streamlab.replay.sweep import sweep
from streamlab.replay.plan import PLAN_NAMES
from streamlab.replay.trace_data import SETTING_NAMES
trace = calm_recording(service_ms=20.0, frames=200).trace()
print("begins", os.getpid(), flush=True)
grid = {{"fps": [float(f) for f in range(1, 400)], "seconds": [600.0]}}
sweep(trace, grid, progress=False, processes=2)
"""


def test_an_interrupted_sweep_leaves_no_process_behind(tmp_path):
    """A plain script, without a guard around its top level, sweeps and is interrupted."""
    support = os.path.join(os.path.dirname(__file__), "..", "support")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(support=os.path.abspath(support)))
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        import psutil

        assert process.stdout.readline().startswith("begins")
        family = []
        while len(family) < 2:
            family = psutil.Process(process.pid).children()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in err
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive


def test_a_grid_leaves_out_contradictions_and_takes_numpy_numbers():
    made = settings_of(
        {"drop_threshold": np.array([0.1, 0.4]), "slowdown_threshold": np.array([0.3])},
        ("drop_threshold", "slowdown_threshold"),
    )
    assert made == [{"drop_threshold": 0.1, "slowdown_threshold": 0.3}]
    assert type(made[0]["drop_threshold"]) is float


def test_jobs_hold_every_setting_once():
    listed = settings_of(GRID, tuple(GRID))
    jobs = jobs_of(listed, parts=20)
    assert len(jobs) >= 6
    held = sorted((number for job in jobs for number, _ in job))
    assert held == list(range(len(listed)))
    assert all(dict(listed[number]) == setting for job in jobs for number, setting in job)


# halving a number is exact, but for those next to zero
SHARES = st.floats(0, 1, allow_subnormal=False)


@settings(max_examples=200)
@given(SHARES, st.lists(SHARES, max_size=20), SHARES)
def test_a_threshold_within_the_interval_answers_every_question_the_same(threshold, rates, other):
    def answers(value):
        return [(rate > value, rate < value / 2) for rate in rates]

    interval = ThresholdInterval()
    watched = WatchedThreshold.of(threshold, interval)
    assert answers(watched) == answers(threshold)
    assert threshold in interval
    if other in interval:
        assert answers(other) == answers(threshold)


def test_capacity_breaks_where_the_workers_are_full():
    trace = calm_recording(service_ms=20.0, frames=90).trace()
    table = capacity(
        trace, sessions=[1, 3, 5, 8], workers=[1, 2], fps=15, seconds=6.0, progress=False
    )
    assert len(table) == 8
    # a worker does 50 frames a second: three sessions at 15, and not five
    points = breaking_points(table, p95_ms=100.0).set_index("workers")["sessions"]
    assert points.to_dict() == {1: 3, 2: 5}
    assert breaking_points(table, p95_ms=1.0)["sessions"].tolist() == [0, 0]


def test_capacity_says_which_number_is_none():
    with pytest.raises(OptionError, match="sessions=0"):
        capacity(TRACE, sessions=[0], progress=False)
