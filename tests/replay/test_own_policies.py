"""A policy of one's own in replays and sweeps, in this process and in others."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
from policies import EveryOther, Newest, OneAtATime, registered
from recordings import calm_recording

from streamlab.backpressure.admission import Decision, QueuePolicy
from streamlab.errors import OptionError, PolicyError, ToolFailedError
from streamlab.replay import sweep as sweep_module
from streamlab.replay.sweep import sweep

TRACE = calm_recording(service_ms=20.0, frames=90).trace()
SUPPORT = Path(__file__).parents[1] / "support"
GRID: dict[str, list[object]] = {
    "policy": ["realtime", "mine"],
    "fps": [20.0, 60.0, 90.0],
    "waiting_frames": [1, 2],
}


@pytest.fixture
def on_all_cores(monkeypatch):
    """However few frames it has, a sweep goes to other processes."""
    monkeypatch.setattr(sweep_module, "FEW_FRAMES", 0)


def test_a_replay_decides_by_it():
    with registered(every_other=EveryOther):
        recording = TRACE.replay(policy="every_other", fps=30)
    assert recording.info["policy"] == "every_other"
    outcome = recording.frames["fate"].tolist()
    assert outcome == ["processed", "dropped"] * 45


def test_frames_expire_when_their_turn_comes():
    with registered(newest=Newest):
        newest = TRACE.replay(policy="newest", fps=120, seconds=2.0)
    latest = TRACE.replay(policy="latest", fps=120, seconds=2.0)
    assert newest.frames["fate"].tolist() == latest.frames["fate"].tolist()
    assert set(newest.frames["cause"].dropna()) == {"replaced"}


def test_a_policy_without_room_holds_frames_back():
    with registered(one=OneAtATime):
        recording = TRACE.replay(policy="one", fps=120)
    assert (recording.frames["fate"] == "processed").all()
    assert (recording.frames["queued_ms"] == 0).all()
    assert recording.frames["received_ms"].iloc[-1] > 2 * recording.frames["sent_ms"].iloc[-1]


def test_a_policy_that_is_not_registered_is_named_with_those_there_are():
    with pytest.raises(OptionError, match=r"policy='mine': 'realtime' or .* is allowed"):
        TRACE.replay(policy="mine")


def test_a_recording_by_a_policy_that_is_gone_is_replayed_by_another():
    with registered(mine=EveryOther):
        recording = TRACE.replay(policy="mine")
    trace = recording.trace()
    with pytest.raises(OptionError, match=r"policy='mine': 'realtime' or .* is allowed"):
        trace.replay()
    assert trace.replay(policy="latest").info["policy"] == "latest"
    with registered(mine=EveryOther):
        assert trace.replay().info["policy"] == "mine"


def test_what_a_policy_raises_in_a_replay_is_shown_with_policy_and_frame():
    class Fails(QueuePolicy):
        """Raises."""

        def finish(self, now):
            return {}[self.in_flight]

    with (
        registered(mine=Fails),
        pytest.raises(
            PolicyError, match=r"policy 'mine', frame 0: finish\(\) raised KeyError: 0"
        ) as caught,
    ):
        TRACE.replay(policy="mine")
    assert isinstance(caught.value.__cause__, KeyError)


def dropping(frame_index):
    return Decision((frame_index,))


def test_a_sweep_takes_it_to_other_processes(on_all_cores):
    limit = 3

    class Mine(QueuePolicy):
        """Refers to what is around it."""

        def arrive(self, now, frame_index):
            if len(self.queue) >= limit:
                return dropping(frame_index)
            return super().arrive(now, frame_index)

    with registered(mine=Mine):
        here = sweep(TRACE, GRID, processes=1, progress=False)
        there = sweep(TRACE, GRID, processes=2, progress=False)
    pd.testing.assert_frame_equal(here, there, check_exact=True)
    assert here["dropped"].max() > 0


def test_other_processes_decide_by_the_settings_that_a_trace_was_given(on_all_cores):
    trace = calm_recording(service_ms=20.0, frames=90, policy="lossless").trace()
    trace.settings = trace.settings.changed({"policy": "realtime", "waiting_frames": 1})
    grid: dict[str, list[object]] = {"fps": [60.0, 90.0, 120.0]}
    here = sweep(trace, grid, processes=1, progress=False)
    there = sweep(trace, grid, processes=2, progress=False)
    pd.testing.assert_frame_equal(here, there, check_exact=True)
    assert here["dropped"].min() > 0


def test_what_fails_in_another_process_is_shown_with_its_traceback(on_all_cores):
    class Fails(QueuePolicy):
        """Raises where frames come faster."""

        def arrive(self, now, frame_index):
            if len(self.queue) > 1:
                raise ArithmeticError("too many")
            print("what a process prints is no answer")  # noqa: T201
            return super().arrive(now, frame_index)

    with registered(mine=Fails), pytest.raises(PolicyError, match="ArithmeticError") as caught:
        sweep(TRACE, {"policy": ["mine"], "fps": [20.0, 25.0, 90.0]}, processes=2, progress=False)
    assert isinstance(caught.value.__cause__, ToolFailedError)
    report = caught.value.__cause__.report
    assert "in arrive" in report
    assert "ArithmeticError: too many" in report


def test_one_that_cannot_be_sent_is_swept_here(on_all_cores):
    lock = threading.Lock()

    class Locked(QueuePolicy):
        """Refers to what no other process can have."""

        def arrive(self, now, frame_index):
            with lock:
                return super().arrive(now, frame_index)

    grid: dict[str, list[object]] = {"policy": ["mine"], "fps": [20.0, 30.0]}
    alone = pytest.warns(RuntimeWarning, match="in this process alone.*cannot pickle")
    with registered(mine=Locked), alone:
        table = sweep(TRACE, grid, processes=2, progress=False)
    assert table["processed"].tolist() == [60, 90]


SCRIPT = """
import sys
from recordings import calm_recording
import streamlab
import beside
from streamlab.replay import sweep as module
from streamlab.replay.sweep import sweep

LIMIT = 2

@streamlab.policy("of_main")
class OfMain(streamlab.QueuePolicy):
    def arrive(self, now, frame_index):
        if len(self.queue) >= LIMIT:
            return streamlab.Decision((frame_index,))
        return super().arrive(now, frame_index)

streamlab.policy("of_module")(beside.OfModule)
module.FEW_FRAMES = 0
trace = calm_recording(service_ms=20.0, frames=60).trace()
grid = {"fps": [30.0, 90.0], "policy": ["fifo", "of_main", "of_module"]}
table = sweep(trace, grid, processes=2, progress=False)
print(table.groupby("policy")["dropped"].sum().to_dict())
"""


def test_classes_of_main_and_of_a_module_beside_it_get_there(tmp_path):
    (tmp_path / "beside.py").write_text(
        "import streamlab\n\nclass OfModule(streamlab.QueuePolicy):\n"
        "    def arrive(self, now, frame_index):\n"
        "        if len(self.queue) >= 2:\n"
        "            return streamlab.Decision((frame_index,))\n"
        "        return super().arrive(now, frame_index)\n"
    )
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    dropped = eval(done.stdout)
    assert dropped["fifo"] == dropped["of_main"] == dropped["of_module"] > 0
