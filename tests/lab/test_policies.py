"""A policy that is defined in a notebook: served by the kernel, replayed and compared."""

from typing import Any

import pytest
from policies import EveryOther, FailsAt, Newest, registered

from streamlab.errors import OptionError, ServerError, ToolFailedError
from streamlab.lab import connect
from streamlab.lab.tuning.threshold_panel import ThresholdPanel

NOOP: dict[str, Any] = {"pipeline_id": "noop", "progress": False, "seconds": 1.0}


@pytest.fixture(scope="module")
def lab():
    with connect(where="kernel", workers=1) as lab:
        yield lab


def test_what_is_served_is_what_its_replay_says(lab):
    with registered(every_other=EveryOther):
        live = lab.stream("gate_easy", policy="every_other", **NOOP)
        replayed = live.trace().replay()
    assert live.info["policy"] == replayed.info["policy"] == "every_other"
    assert live.frames["fate"].tolist() == replayed.frames["fate"].tolist()
    assert live.frames["cause"].tolist()[:4] == replayed.frames["cause"].tolist()[:4]
    assert live.frames["fate"].tolist()[:4] == ["processed", "dropped"] * 2


@pytest.mark.parametrize("policy", ["realtime", "latest", "fifo", "no_waiting", "newest"])
def test_under_a_light_load_every_policy_processes_every_frame_live_and_replayed(lab, policy):
    with registered(newest=Newest):
        live = lab.stream("gate_easy", policy=policy, every_frame=True, fps=5.0, **NOOP)
        replayed = live.trace().replay()
    assert (live.frames["fate"] == "processed").all()
    assert (replayed.frames["fate"] == "processed").all()


def test_the_panel_offers_it_and_says_what_it_does(lab):
    recording = lab.stream("gate_easy", **NOOP)
    with registered(every_other=EveryOther):
        panel = ThresholdPanel(recording.trace(), policy="every_other")
        assert "every_other" in panel.sliders["policy"].options
        assert "every_other: only every other frame is processed." in panel.fine_print.value
        assert not panel.sliders["window_s"].disabled, "it may heed any setting"


def test_a_failing_policy_is_shown_with_its_traceback(lab, capsys):
    with registered(fails=FailsAt):
        recording = lab.stream("gate_easy", policy="fails", **NOOP)
    told = capsys.readouterr().err
    assert "policy 'fails', frame 3: arrive() raised KeyError" in told
    assert 'raise KeyError(f"no limit for frame {frame_index}")' in told
    assert recording.events["kind"].tolist()[-1] == "error"
    assert recording.sessions[0]["error"].startswith("internal_error: policy 'fails'")


def test_a_policy_that_fails_before_any_answer_is_raised_with_its_traceback(lab):
    class Unmade(EveryOther):
        """Cannot be made."""

        def __init__(self, settings):
            raise ArithmeticError("no such luck")

    with registered(unmade=Unmade), pytest.raises(ServerError, match="no such luck") as caught:
        lab.stream("gate_easy", policy="unmade", **NOOP)
    assert isinstance(caught.value.__cause__, ToolFailedError)
    assert 'raise ArithmeticError("no such luck")' in caught.value.__cause__.report


def test_a_server_in_another_process_says_where_it_can_be_served():
    with connect(where="process", workers=1) as other, registered(every_other=EveryOther):
        with pytest.raises(OptionError, match="the server has realtime, lossless") as caught:
            other.stream("gate_easy", policy="every_other", **NOOP)
        assert 'connect(where="kernel") serves those' in str(caught.value)
        recording = other.stream("gate_easy", policy="latest", **NOOP)
    assert recording.info["policy"] == "latest"
