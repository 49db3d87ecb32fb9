# wrong values on purpose
# mypy: disable-error-code="arg-type, list-item, misc"

"""What a notebook shows of sessions and truth, and whole numbers that stay whole."""

import json

import pandas as pd
import pytest
from recordings import calm_recording

from streamlab.commands.found import Found
from streamlab.errors import OptionError, RecordingError, VideoError
from streamlab.lab import (
    Recording,
    accuracy_against,
    average_precision,
    detection_metrics,
    streaming_accuracy,
    text_metrics,
    tune_detection,
)
from streamlab.media.samples import sample_path
from streamlab.media.truth import Truth

BOX = {"label": "plate", "x": 10, "y": 10, "width": 40, "height": 20}
FOUND = {**BOX, "score": 0.9}
RESULTS = [{"detections": [{**FOUND, "track_id": 7, "text": "AB-1"}, FOUND]}] * 20
TRUTH = Truth([[BOX]] * 20)
USES = (
    detection_metrics,
    average_precision,
    streaming_accuracy,
    lambda made, truth, **more: accuracy_against({1: made}, truth, **more),
)


def made(results=RESULTS, **info):
    return calm_recording(frames=20, results=results, **info)


def test_a_track_id_is_a_whole_number_where_some_detections_have_none(tmp_path):
    recording = made()
    for each in (recording, Recording.load(recording.save(tmp_path / "r.jsonl.gz"))):
        tracks = each.detections["track_id"]
        assert tracks.dtype == "Int64"
        assert tracks.isna().sum() == 20
        assert str(tracks[0]) == "7"
        assert each.detections.groupby("track_id").size().index.tolist() == [7]


def test_track_ids_that_are_no_numbers_stay_as_they_are():
    named = [{"detections": [{**FOUND, "track_id": "left"}]}] * 20
    assert set(made(named).detections["track_id"]) == {"left"}


def test_nothing_found_still_has_the_columns_that_are_asked_for():
    for results in ([], [{"detections": []}] * 20, [{"text": "x"}] * 20):
        empty = made(results).detections
        assert empty["label"].value_counts().empty
        assert empty[["session", "frame_index", "video_frame", "score", "x", "width"]].empty


def test_sessions_are_shown_as_a_table_and_stay_a_list_of_dicts():
    recording = calm_recording(sessions=2, frames=3)
    assert recording.sessions[1]["session_id"] == "2"
    assert [each["worker"] for each in recording.sessions] == [0, 1]
    json.dumps(recording.sessions)
    lines = repr(recording.sessions).splitlines()
    assert lines[0].split() == ["session", "session_id", "worker"]
    assert lines[2].split() == ["1", "2", "1"]
    html = recording.sessions._repr_html_()
    assert html.count("<tr>") == 3
    recording.sessions[0]["session_id"] = "<b>"
    assert "<b>" not in recording.sessions._repr_html_()
    none = Recording(pd.DataFrame(), {})
    assert repr(none.sessions) == "no session"
    assert "no session" in none.sessions._repr_html_()


def test_a_truth_is_told_in_a_line_and_a_card():
    truth = Truth.of_video(sample_path("gate_easy"))
    assert repr(truth).startswith("<Truth: 390 frames, ")
    assert "plate" in repr(truth)
    assert len(repr(truth)) < 200
    html = truth._repr_html_()
    assert "ground truth of 390 frames" in html
    assert len(html) < 3000
    assert repr(Truth([[]])) == "<Truth: 1 frames, 0 objects>"
    assert "cannot be used" in repr(Truth(3))


WRONG = {
    "a path": "gate_easy.truth.jsonl",
    "the frames themselves": TRUTH.frames,
    "no list": Truth({"frames": []}),
    "frames that are no lists": Truth([3]),
    "objects that are no dicts": Truth([["plate"]]),
    "other names": Truth([[{"label": "plate", "bbox": [1, 2, 3, 4]}]]),
    "texts for numbers": Truth([[{**BOX, "x": "10"}]]),
    "a text that is not there": Truth([[{**BOX, "legible": True}]]),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("use", [*USES, text_metrics])
def test_what_is_no_truth_is_refused_in_a_sentence(use, wrong):
    with pytest.raises(OptionError) as caught:
        use(made(), wrong)
    assert str(caught.value).startswith("truth=")
    assert len(str(caught.value)) < 300


def test_the_sentence_names_what_is_needed_and_what_there_is():
    with pytest.raises(OptionError) as caught:
        detection_metrics(made(), WRONG["other names"])
    told = "an object of frame 0 has no 'x' (x, y, width, height, label are needed); it has: label"
    assert told in str(caught.value)
    with pytest.raises(OptionError, match=r"Truth.of_video\(path\)"):
        detection_metrics(made(), "gate_easy")


@pytest.mark.parametrize("use", USES)
def test_a_truth_of_other_frames_is_refused_and_does_not_come_to_nan(use):
    later = made()
    later.frames["video_frame"] += 100
    for recording, truth in ((later, TRUTH), (made(), Truth([]))):
        with pytest.raises(OptionError, match="no frame that was answered is in it"):
            use(recording, truth)


@pytest.mark.parametrize("labels", [["plat"], [3], [["plate"]], "plate", 7, []])
@pytest.mark.parametrize("use", USES)
def test_labels_that_there_are_not_are_refused_with_those_that_there_are(use, labels):
    with pytest.raises(OptionError, match=r"labels=.*there are: plate"):
        use(made(), TRUTH, labels=labels)


@pytest.mark.parametrize("use", USES)
def test_detections_that_are_no_boxes_are_told_of(use):
    with pytest.raises(RecordingError, match="a detection that is no box: 'width'"):
        use(made([{"detections": [{"label": "plate", "x": 1, "y": 2}]}] * 20), TRUTH)


def test_objects_without_a_track_or_a_text_count_as_boxes_and_are_not_read():
    mixed = [{**BOX, "track_id": 1, "text": "AB-1", "legible": True}, {**BOX, "x": 200}]
    hidden = [{**BOX, "track_id": 1, "legible": False}, {**BOX, "x": 200}]
    recording = made([{**result, "text": "AB-1"} for result in RESULTS])
    table = text_metrics(recording, Truth([mixed] * 15 + [hidden] * 5))
    assert table["read"].tolist() == ["AB-1"]
    assert table["track_id"].dtype.kind == "i"


def test_a_truth_that_cannot_be_read_is_told_of_in_a_sentence(tmp_path):
    video = tmp_path / "clip.mp4"
    beside = tmp_path / "clip.truth.jsonl"
    contents = {
        "{": "line 1 is no JSON object",
        '{"objects": []}\n3': "line 2 is no JSON object",
        '{"objects": [{"label": "plate"}]}': "an object of frame 0 has no 'x'",
        '{"objects": 5}': "frame 0 is no list of objects",
    }
    for content, problem in contents.items():
        beside.write_text(content)
        with pytest.raises(VideoError, match=f"clip.truth.jsonl: no ground truth: {problem}"):
            Truth.of_video(video)


def test_a_panel_refuses_them_as_well():
    with pytest.raises(OptionError, match="truth="):
        tune_detection(made(video=str(sample_path("gate_easy"))), "truth")


def test_what_was_found_is_counted_by_label_track_and_text():
    found = Found()
    for result in RESULTS:
        found.add(result)
    found.add({"detections": [{"label": "sign", "text": "STOP"}]})
    assert found.lines() == [
        "detections: 41 in 21 frames (plate 40, sign 1)",
        "tracks: 1 (plate 1)",
        "texts on tracks: AB-1 (plate #7)",
        "texts, by frames: STOP (1)",
    ]


def test_what_was_not_found_is_said_too():
    found = Found()
    found.add({"detections": [], "text": ""})
    assert found.lines() == ["detections: none", "texts: none"]
    assert Found().lines() == ["no results"]
    own = Found()
    own.add({"brightness": 3.2, "middle": 1})
    assert own.lines() == ["results have brightness, middle; --out writes them"]
    many = Found()
    for number in range(40):
        many.add({"detections": [{"label": f"l{number}"}]})
    assert many.lines()[0].endswith("and 28 more)")
    classes = Found()
    classes.add({"classes": [{"label": "cat", "score": 0.8}, {"label": "dog", "score": 0.1}]})
    assert classes.lines() == ["surest class, by frames: cat 1"]
