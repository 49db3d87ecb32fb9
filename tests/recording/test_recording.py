"""A recording: its tables, its figures, and its file."""

import gzip
import json

import pandas as pd
import pytest
from recordings import INFO, calm_recording

from streamlab.errors import RecordingError
from streamlab.lab.recording import Recording
from streamlab.recording.columns import EVENT_COLUMNS, frame_columns

ROWS = [
    {"session": 0, "frame_index": 0, "video_frame": 0, "size_bytes": 9, "scheduled_ms": 0.0,
     "sent_ms": 0.1, "received_ms": 0.4, "queued_ms": 0.0, "total_ms": 20.0, "answered_ms": 21.0,
     "round_trip_ms": 21.0, "fate": "processed", "state": "normal"},
    {"session": 0, "frame_index": 1, "video_frame": 1, "size_bytes": 9, "scheduled_ms": 50.0,
     "sent_ms": 50.1, "answered_ms": 51.0, "round_trip_ms": 1.0, "fate": "dropped",
     "cause": "overflow", "state": "normal"},
    {"session": 1, "frame_index": 0, "video_frame": 0, "size_bytes": 9, "scheduled_ms": 10.0,
     "sent_ms": 14.0, "fate": "unanswered"},
]  # fmt: skip
EVENTS = [
    {"session": 0, "time_ms": 51.0, "kind": "state", "state": "warning"},
    {"session": 0, "time_ms": 52.0, "kind": "slow_down", "fps": 12.5},
    {"session": 1, "time_ms": 60.0, "kind": "error", "detail": "pipeline_failure: no"},
]


def made():
    return Recording(
        pd.DataFrame(ROWS),
        {**INFO, "fps": 20.0},
        pd.DataFrame(EVENTS),
        {(0, 0): {"detections": [{"x": 1, "label": "plate", "score": 0.5}], "text": "AB-1"}},
        [{"session": 0, "error": None}, {"session": 1, "error": "pipeline_failure: no"}],
    )


def test_the_tables_have_the_documented_columns_in_order():
    recording = made()
    assert list(recording.frames) == [column.name for column in frame_columns(["detect"])]
    assert list(recording.events) == [column.name for column in EVENT_COLUMNS]


def test_every_frame_stands_in_one_column_of_the_ledger():
    ledger = made().ledger
    assert (ledger["received"] == ledger.drop(columns="received").sum(axis=1)).all()
    assert ledger.loc[0, ["processed", "dropped_overflow"]].tolist() == [1, 1]
    assert ledger.loc[1, "unanswered"] == 1


def test_the_summary_has_a_row_a_session():
    summary = made().summary()
    assert summary.index.tolist() == [0, 1]
    first = summary.loc[0]
    assert (first["sent"], first["processed"], first["dropped"], first["drop_rate"]) == (
        2,
        1,
        1,
        0.5,
    )
    assert first["p50_ms"] == 21.0
    assert first["span_s"] == pytest.approx(0.1)
    assert first["slow_downs"] == 1
    assert summary.loc[1, "error"] == "pipeline_failure: no"
    assert summary.loc[1, "late_p95_ms"] == 4.0


def test_results_and_detections_go_by_session_and_frame():
    recording = made()
    assert recording.results[0, 0]["text"] == "AB-1"
    assert recording.result(1) is None
    [detection] = recording.detections.to_dict("records")
    assert detection == {
        "session": 0, "frame_index": 0, "video_frame": 0, "x": 1, "label": "plate", "score": 0.5
    }  # fmt: skip


def test_a_file_gives_back_what_was_saved(tmp_path):
    recording = made()
    again = Recording.load(recording.save(tmp_path / "r.jsonl.gz"))
    pd.testing.assert_frame_equal(again.frames, recording.frames)
    pd.testing.assert_frame_equal(again.events, recording.events)
    assert again.info == recording.info
    assert again.sessions == recording.sessions
    assert again.results.to_dict() == recording.results.to_dict()


def test_a_recording_of_nothing_can_be_saved_summed_up_and_shown(tmp_path):
    empty = Recording(pd.DataFrame(), INFO)
    again = Recording.load(empty.save(tmp_path / "r.jsonl.gz"))
    assert len(again.frames) == 0
    assert again.overall()["sent"] == 0
    assert again.summary().empty
    assert "0 frames" in repr(again)


def lines_of(path):
    with gzip.open(path, "rt") as file:
        return file.read().splitlines()


def write(path, lines):
    with gzip.open(path, "wt") as file:
        file.write("\n".join(lines) + "\n")


def test_a_file_is_plain_json_lines(tmp_path):
    header, *rows, end = map(json.loads, lines_of(made().save(tmp_path / "r.jsonl.gz")))
    assert header["format"] == "streamlab-recording"
    assert header["version"] == 1
    assert [next(iter(row)) for row in rows] == ["frame"] * 3 + ["event"] * 3
    assert end == {"end": {"frames": 3, "events": 3}}


def cut_in_the_middle(path, lines):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.9)])


def without_its_end(path, lines):
    write(path, lines[:-2])


@pytest.mark.parametrize("damage", [cut_in_the_middle, without_its_end])
def test_a_truncated_file_says_so_and_gives_what_there_is(tmp_path, damage):
    path = calm_recording(frames=300).save(tmp_path / "r.jsonl.gz")
    damage(path, lines_of(path))
    with pytest.raises(RecordingError, match=r"truncated after \d+ frames.*partial=True") as caught:
        Recording.load(path)
    assert "\n" not in str(caught.value)
    rest = Recording.load(path, partial=True)
    assert 0 < len(rest.frames) <= 300
    assert rest.info["truncated"]
    assert rest.overall()["processed"] == len(rest.frames)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"not a gzip file at all", "not a recording"),
        (gzip.compress(b"no json\n"), "not a recording"),
        (gzip.compress(b"[]\n"), "not a recording"),
        (gzip.compress(b'{"format": "something-else"}\n'), "not a recording"),
        (gzip.compress(b'{"format": "streamlab-recording", "version": 2, "info": {}}\n'), "newer"),
        (
            gzip.compress(b'{"format": "streamlab-recording", "version": 0, "info": {}}\n'),
            "format 0",
        ),
        (gzip.compress(b'{"format": "streamlab-recording", "version": 1}\n'), "damaged"),
        (
            gzip.compress(
                b'{"format": "streamlab-recording", "version": 1, "info": {}}\n{"frame": 7}\n'
            ),
            "damaged",
        ),
        (
            gzip.compress(
                b'{"format": "streamlab-recording", "version": 1, "info": {}}\n'
                b'{"frame": {"session": "x"}}\n{"end": {"frames": 1, "events": 0}}\n'
            ),
            "damaged",
        ),
    ],
)
def test_what_is_no_recording_is_told_in_one_sentence(tmp_path, content, words):
    path = tmp_path / "bad.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=words) as caught:
        Recording.load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    with pytest.raises(RecordingError, match="no such file"):
        Recording.load(tmp_path / "none")
    with pytest.raises(RecordingError, match="cannot be read"):
        Recording.load(tmp_path)


def test_what_cannot_be_written_leaves_what_was_there(tmp_path):
    with pytest.raises(RecordingError, match="cannot be written"):
        made().save(tmp_path / "no-such-folder" / "r.jsonl.gz")
    path = made().save(tmp_path / "r.jsonl.gz")
    before = path.read_bytes()
    broken = made()
    broken.info["odd"] = object()
    with pytest.raises(RecordingError, match="cannot be written"):
        broken.save(path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["r.jsonl.gz"]


def test_truth_that_is_not_there_is_told():
    with pytest.raises(RecordingError, match="no ground truth"):
        made().truth  # noqa: B018


def test_node_costs_have_a_row_for_decoding_and_each_node():
    costs = calm_recording(service_ms=11.5).node_costs()
    assert costs.index.tolist() == ["decode", "detect"]
    assert costs.loc["detect", "p50_ms"] == 10.0
    assert costs["share"].sum() == pytest.approx(1)


def test_outlines_keypoints_corners_and_classes_are_kept_and_shown(tmp_path):
    results = {
        (0, 0): {
            "detections": [
                {"x": 1, "label": "a", "contours": [[[0, 0], [4, 0], [4, 4]]]},
                {"x": 2, "label": "b", "keypoints": [[1, 2, 0.5]]},
                {"x": 3, "label": "c", "corners": [[0, 0], [4, 0], [4, 4], [0, 4]]},
            ],
            "classes": [{"label": "cat", "score": 0.9}, {"label": "dog", "score": 0.1}],
        }
    }
    made = Recording(pd.DataFrame(ROWS), {**INFO, "fps": 20.0}, None, results)
    kept = Recording.load(made.save(tmp_path / "r.jsonl.gz"))
    assert kept.results[0, 0] == results[0, 0]
    detections = kept.detections
    assert detections["contours"][0] == [[[0, 0], [4, 0], [4, 4]]]
    assert detections["keypoints"][1] == [[1, 2, 0.5]]
    assert detections["corners"].notna().tolist() == [False, False, True]
    assert kept.classes[["label", "score"]].values.tolist() == [["cat", 0.9], ["dog", 0.1]]
    assert len(calm_recording().classes) == 0
