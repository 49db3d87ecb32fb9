"""What a browser tells of a live run, and the recording that it makes, in both languages."""

import gzip
import json
import shutil
import subprocess
import warnings
from pathlib import Path

import pandas as pd
import pytest

from streamlab.errors import RecordingError
from streamlab.lab.live import run as live_run
from streamlab.lab.live.run import LiveRun
from streamlab.lab.recording import Recording
from streamlab.media.painting import PALETTE, colour_of

WEB = Path(__file__).parents[1] / "web"
INFO = {"source": "live", "video": "camera", "pipeline_id": "yolo", "fps": 15, "video_fps": 30.0}
LABELS = ["", "car", "plate", "Straße", "世界", "🙂", "é", "\x00a", "a" * 300, *"abcdefg"]

node = shutil.which("node")
needs_node = pytest.mark.skipif(node is None, reason="there is no node, which runs the page's side")


def block(*lines):
    """A block as a page makes it: gzipped JSON lines."""
    return gzip.compress("".join(f"{json.dumps(line)}\n" for line in lines).encode())


def told_session(number=0, **more):
    session = {"session_id": None, "worker": None, "error": None, "close_code": None}
    return {"session": {"session": number, **session, **more}}


def told_row(index, session=0, **more):
    row = {
        "session": session,
        "frame_index": index,
        "video_frame": 2 * index,
        "size_bytes": 1000,
        "scheduled_ms": 50.0 * index,
        "sent_ms": 50.0 * index + 1,
        "fate": "unanswered",
    }
    return {"row": {**row, **more}}


def processed(index, session=0, **more):
    answered = 50.0 * index + 21
    times = {"received_ms": 50.0 * index - 98, "total_ms": 16.0, "answered_ms": answered}
    done = {"fate": "processed", "state": "normal", "round_trip_ms": 21.0, "result": {}}
    return told_row(index, session, **{**times, **done, **more})


def run_of(*blocks, info=INFO):
    run = LiveRun("1-2", info)
    for each in blocks:
        run.add_block(each)
    return run


def node_output(*arguments):
    command = [node, "--input-type=module", *arguments]
    return subprocess.run(command, cwd=WEB, check=True, capture_output=True, text=True).stdout


def test_before_the_first_frame_there_is_no_recording():
    for run in (run_of(), run_of(block(told_session()))):
        with pytest.raises(RecordingError, match="no frame has been answered yet"):
            run.recording()


def test_frames_are_in_order_whatever_the_order_of_their_answers():
    run = run_of(block(told_session(), processed(2)), block(processed(0)), block(processed(1)))
    frames = run.recording().frames
    assert frames["frame_index"].tolist() == [0, 1, 2]
    assert frames["video_frame"].tolist() == [0, 2, 4]
    assert (frames["fate"] == "processed").all()


def test_a_server_s_times_are_placed_on_the_page_s_clock():
    frames = run_of(block(told_session(), processed(0), processed(1))).recording().frames
    # sent at 1 and received at -98 at the earliest, answered at 21, 16 of which in the server
    assert frames["received_ms"].tolist() == [-98 + 101.0, -48 + 101.0]


def test_node_times_results_and_causes_are_those_told():
    result = {"detections": [{"x": 1, "label": "Straße"}]}
    recording = run_of(
        block(
            processed(0, nodes_ms={"detect": 9.5, "read": 2.25}, result=result),
            told_row(1, fate="dropped", answered_ms=60.0, cause="overflow"),
            told_row(2, fate="dropped", answered_ms=110.0),
            told_row(3),
        )
    ).recording()
    assert recording.nodes == ["detect", "read"]
    assert recording.frames.loc[0, ["node_detect_ms", "node_read_ms"]].tolist() == [9.5, 2.25]
    assert recording.result(0) == result
    assert recording.frames["cause"].tolist()[1:3] == ["overflow", "unknown"]
    assert recording.frames["cause"].isna().tolist() == [True, False, False, True]
    assert recording.ledger.loc[0, "received"] == 4


def test_a_session_is_what_was_told_of_it_last():
    recording = run_of(
        block(told_session(), told_session(session_id="17", worker=2), processed(0)),
        block(told_session(session_id="17", worker=2, error="internal_error: no", close_code=1011)),
    ).recording()
    [session] = recording.sessions
    assert session["session_id"] == "17"
    assert (session["worker"], session["close_code"]) == (2, 1011)
    [error] = recording.events.to_dict("records")
    assert (error["kind"], error["detail"], error["time_ms"]) == (
        "error",
        "internal_error: no",
        21.0,
    )


def test_events_are_told_once_each():
    states = [processed(0), processed(1, state="warning"), processed(2, state="warning")]
    events = [
        {"event": {"session": 0, "time_ms": 71.0, "kind": "state", "state": "warning"}},
        {"event": {"session": 0, "time_ms": 72.0, "kind": "slow_down", "fps": 9.0}},
        {"event": {"session": 0, "time_ms": 73.0, "kind": "rate", "fps": 8.0}},
        {"event": {"session": 0, "time_ms": 74.0, "kind": "setting", "detail": "window_s=1"}},
    ]
    table = run_of(block(told_session(), *states, *events)).recording().events
    assert table["kind"].tolist() == ["state", "slow_down", "rate", "setting"]
    assert table["time_ms"].tolist() == [71.0, 72.0, 73.0, 74.0]
    assert table["fps"].tolist()[1:3] == [9.0, 8.0]
    assert table["detail"].tolist()[3] == "window_s=1"


WHOLE = block(told_session(), processed(0))
NO_ROW = {key: value for key, value in processed(1)["row"].items() if key != "frame_index"}


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"no gzip",
        WHOLE[: len(WHOLE) // 2],
        WHOLE[:30] + bytes(10) + WHOLE[40:],
        gzip.compress(b"no JSON\n"),
        block(processed(1), [1]),
        block({"row": NO_ROW}),
        block(processed(1, scheduled_ms="soon")),
        block({"event": {"session": 0}}),
        block({"session": {"worker": 1}}),
    ],
    ids=[
        "empty",
        "no gzip",
        "cut",
        "bytes lost",
        "no JSON",
        "no object",
        "no frame index",
        "no time",
        "no event",
        "no session",
    ],
)
def test_a_damaged_block_is_told_of_once_and_the_rest_is_kept(damaged):
    run = run_of(WHOLE, damaged, damaged, block(processed(2)))
    with pytest.warns(UserWarning, match="2 of the blocks .* came damaged") as caught:
        recording = run.recording()
    assert len(caught) == 1
    assert recording.frames["frame_index"].tolist() == [0, 2]
    assert recording.info["damaged_blocks"] == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(run.recording().frames) == 2


def test_a_run_without_damage_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "damaged_blocks" not in run_of(WHOLE).recording().info


def test_a_recording_can_be_had_as_the_run_goes_on():
    run = run_of(block(told_session(), processed(0)))
    before = run.recording()
    run.add_block(block(processed(1)))
    assert (len(before.frames), len(run.recording().frames)) == (1, 2)
    assert "left_out_frames" not in before.info


def test_the_oldest_frames_give_way_and_how_many_is_told(monkeypatch):
    monkeypatch.setattr(live_run, "MAX_FRAMES", 10)
    blocks = [block(*(processed(index) for index in range(at, at + 4))) for at in range(0, 24, 4)]
    recording = run_of(*blocks).recording()
    assert recording.frames["frame_index"].tolist() == [*range(16, 24)]
    assert recording.info["left_out_frames"] == 16


def test_one_block_is_kept_however_large(monkeypatch):
    monkeypatch.setattr(live_run, "MAX_FRAMES", 3)
    recording = run_of(block(*(processed(index) for index in range(8)))).recording()
    assert len(recording.frames) == 8
    assert "left_out_frames" not in recording.info


def test_only_frames_are_counted_as_left_out(monkeypatch):
    monkeypatch.setattr(live_run, "MAX_FRAMES", 2)
    rate = {"event": {"session": 0, "time_ms": 1.0, "kind": "rate", "fps": 5.0}}
    blocks = [block(rate), *(block(rate, processed(index)) for index in range(5))]
    assert run_of(*blocks).recording().info["left_out_frames"] == 3


def test_a_session_keeps_its_name_when_its_oldest_frames_give_way(monkeypatch):
    monkeypatch.setattr(live_run, "MAX_FRAMES", 4)
    run = run_of(
        block(processed(0), told_session(session_id="17", worker=2)),
        *(block(processed(index)) for index in range(1, 9)),
    )
    assert run.recording().sessions[0]["session_id"] == "17"


def test_a_session_keeps_its_number_when_those_before_have_given_way(monkeypatch):
    monkeypatch.setattr(live_run, "MAX_FRAMES", 2)
    run = run_of(*(block(processed(0, session)) for session in range(4)))
    assert run.recording().frames["session"].tolist() == [2, 3]


def test_a_server_that_stays_lost_is_lost_when_it_was_and_not_at_the_beginning():
    lost = {"error": "connection_lost: the server went away (1006)", "close_code": 1006}
    at = {"time_ms": 171.0, "kind": "error", "detail": lost["error"]}
    run = run_of(
        block(told_session(), processed(3), told_session(**lost), {"event": {"session": 0, **at}}),
        block(told_session(1), told_session(1, **lost), {"event": {"session": 1, **at}}),
    )
    assert run.recording().events["time_ms"].tolist() == [171.0, 171.0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if node is None:
        pytest.skip("there is no node, which runs the page's side")
    folder = tmp_path_factory.mktemp("page")
    command = [node, str(WEB / "make_recording.js"), str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def test_the_page_s_file_and_the_notebook_s_recording_are_equal(folder):
    file = Recording.load(folder / "recording.jsonl.gz")
    blocks = [path.read_bytes() for path in sorted(folder.glob("block-*.gz"))]
    assert len(blocks) > 2
    kernel = run_of(*blocks, info=json.loads((folder / "info.json").read_text())).recording()

    assert len(file.frames) == 10
    assert set(file.frames["fate"]) == {"processed", "dropped", "rejected", "unanswered"}
    pd.testing.assert_frame_equal(kernel.frames, file.frames, rtol=0, atol=1e-9)
    assert set(file.events["kind"]) == {"state", "slow_down", "rate", "setting", "error"}
    pd.testing.assert_frame_equal(kernel.events, file.events, rtol=0, atol=1e-9)
    assert kernel.sessions == file.sessions
    assert kernel.info == file.info
    assert kernel.results.to_dict() == file.results.to_dict()
    pd.testing.assert_frame_equal(kernel.summary(), file.summary())


def test_the_page_s_file_is_saved_and_loaded_like_any_other(folder, tmp_path):
    file = Recording.load(folder / "recording.jsonl.gz")
    again = Recording.load(file.save(tmp_path / "again.jsonl.gz"))
    pd.testing.assert_frame_equal(again.frames, file.frames)
    assert again.info == file.info


@needs_node
def test_a_label_has_one_colour_on_the_page_and_in_the_notebook():
    script = (
        "import { colourOf } from '../../streamlab/web/overlay/labels.js';"
        "console.log(JSON.stringify(JSON.parse(process.argv[1]).map(colourOf)))"
    )
    page = json.loads(node_output("--eval", script, json.dumps(LABELS)))
    colours = [colour_of({"label": label}) for label in LABELS]
    assert page == [f"#{red:02x}{green:02x}{blue:02x}" for blue, green, red in colours]
    assert len(set(colours)) == len(PALETTE)
