import numpy as np
import pandas as pd
import pytest

from streamlab.accuracy import streaming_accuracy
from streamlab.errors import OptionError, RecordingError
from streamlab.lab.comparison import Comparison, compare
from streamlab.lab.connection import connect
from streamlab.lab.recording import Recording


def box(x, label="plate", **more):
    return {"x": x, "y": 0, "width": 20, "height": 10, "label": label, **more}


def recording(results, frames=None, total_ms=5.0):
    """Record a frame every 100 ms; a result of None is a dropped frame."""
    numbers = range(len(results)) if frames is None else frames
    rows = [
        {
            "session": 0,
            "frame_index": index,
            "video_frame": frame,
            "size_bytes": 1,
            "scheduled_ms": index * 100.0,
            "sent_ms": index * 100.0,
            "answered_ms": index * 100.0 + 20,
            "total_ms": total_ms,
            "decode_ms": 1.0,
            "node_work_ms": total_ms - 1,
            "fate": "dropped" if result is None else "processed",
            "cause": "overflow" if result is None else None,
        }
        for index, (frame, result) in enumerate(zip(numbers, results, strict=True))
    ]
    answers = {(0, index): result for index, result in enumerate(results) if result is not None}
    info = {"video": "made.mp4", "fps": 10.0, "video_fps": 10.0, "nodes": ["work"]}
    return Recording(pd.DataFrame(rows), info, results=answers)


def found(*things, **more):
    return {"detections": list(things), **more}


def test_detections_are_paired_by_label_and_overlap():
    a = recording([found(box(0), box(50), box(90, "cat"))])
    b = recording([found(box(2), box(90, "dog"))])
    [row] = Comparison({"a": a, "b": b}).pairs.to_dict("records")
    assert (row["a"], row["b"], row["video_frame"], row["repeat"]) == ("a", "b", 0, 0)
    assert (row["detections_a"], row["detections_b"], row["matched"]) == (3, 2, 1)
    assert row["agreement"] == 2 * 1 / 5
    assert row["iou"] == 18 / 22
    assert row["text_equal"] is None


def test_pipelines_that_find_the_same_or_nothing_agree():
    a = recording([found(box(0)), found()])
    comparison = Comparison({"a": a, "b": recording([found(box(0)), found()])})
    assert comparison.pairs.agreement.tolist() == [1, 1]
    assert comparison.agreement().agreement.tolist() == [1]
    assert len(comparison.differences()) == 0
    nothing = Comparison({"a": recording([found()]), "b": recording([found()])})
    assert nothing.agreement().agreement.tolist() == [1]


def test_the_figures_of_all_frames_count_each_detection_once():
    a = recording([found(box(0), box(50), box(90)), found(box(0))])
    b = recording([found(box(0), box(50), box(90)), found(box(2), box(50))])
    [row] = Comparison({"a": a, "b": b}).agreement().to_dict("records")
    assert row["agreement"] == 2 * 4 / 9
    assert row["iou"] == pytest.approx((3 + 18 / 22) / 4)


def test_which_comes_first_changes_nothing():
    a = recording([found(box(0), box(4), box(8))])
    b = recording([found(box(2), box(6))])
    there, back = (
        Comparison(pair).agreement().iloc[0] for pair in ({"a": a, "b": b}, {"b": b, "a": a})
    )
    for column in ("matched", "agreement", "iou"):
        assert there[column] == back[column]


def test_frames_that_one_of_them_dropped_are_counted_and_left_out():
    a = recording([found(box(0)), None, found(box(0)), found(box(0))])
    b = recording([found(box(0)), found(box(0)), None])
    for comparison in (Comparison({"a": a, "b": b}), Comparison({"b": b, "a": a})):
        assert comparison.pairs.video_frame.tolist() == [0]
        [row] = comparison.agreement().to_dict("records")
        assert (row["frames"], row["left_out"]) == (1, 3)


def test_a_frame_that_was_sent_again_is_paired_with_itself():
    a = recording([found(box(0)), found(box(50)), None, found(box(0))], frames=[0, 0, 1, 0])
    b = recording([found(box(0)), None, found(box(0)), found(box(0))], frames=[0, 0, 1, 0])
    pairs = Comparison({"a": a, "b": b}).pairs
    assert list(zip(pairs.video_frame, pairs.repeat, strict=True)) == [(0, 0), (0, 2)]
    assert pairs.agreement.tolist() == [1, 1]


def test_texts_are_compared_by_their_words():
    a = recording([{"text": "AB-2 CD-3"}, {"text": "AB-2"}, {"text": ""}, {"text": "AB-2 AB-2"}])
    b = recording([{"text": "CD-3\nAB-2"}, {"text": "AB-7"}, {"text": ""}, {"text": "AB-2"}])
    comparison = Comparison({"a": a, "b": b})
    assert comparison.pairs.text_equal.tolist() == [True, False, True, False]
    assert comparison.pairs.text_agreement.tolist() == [1, 0, 1, 2 / 3]
    assert comparison.agreement().text_equal.tolist() == [0.5]
    assert np.isnan(comparison.pairs.agreement).all()
    assert comparison.differences().video_frame.tolist() == [1, 3]


def test_pipelines_with_nothing_in_common_still_compare_in_cost():
    comparison = Comparison({"a": recording([{}]), "b": recording([found(box(0))], total_ms=9)})
    [row] = comparison.agreement().to_dict("records")
    assert np.isnan(row["agreement"])
    assert np.isnan(row["text_equal"])
    assert "nothing in common" in repr(comparison)
    costs = comparison.costs()
    assert costs.total_p50_ms.tolist() == [5, 9]
    assert costs.node_work_p95_ms.tolist() == [4, 8]
    assert costs.processed.tolist() == [1, 1]


def test_the_frames_that_differ_most_come_first():
    a = recording([found(box(0), box(50)), found(box(0)), found(box(0)), found(box(0))])
    b = recording([found(box(0)), found(box(0)), found(), found(box(2))])
    comparison = Comparison({"a": a, "b": b})
    assert comparison.differences().video_frame.tolist() == [2, 0]
    assert comparison.differences(1).video_frame.tolist() == [2]
    with pytest.raises(OptionError, match="n=0"):
        comparison.differences(0)


def test_three_pipelines_make_three_pairs():
    made = {name: recording([found(box(0))]) for name in "abc"}
    table = Comparison(made).agreement()
    assert list(zip(table.a, table.b, strict=True)) == [("a", "b"), ("a", "c"), ("b", "c")]


def test_a_notebook_shows_names_as_they_are():
    made = {name: recording([found(box(0), text="<i>")]) for name in ("<b>", "b")}
    made["c"] = recording([found(text="x")])
    html = Comparison(made)._repr_html_()
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "<i>" not in html


@pytest.fixture(scope="module")
def lab():
    with connect(where="process", workers=1) as lab:
        yield lab


@pytest.mark.parametrize(
    ("pipelines", "options", "problem"),
    [
        (["yolo"], {}, "at least two are needed; there are: .*noop, ocr, .*yolo, yolo_ocr"),
        ([], {}, "at least two"),
        (["yolo", "yolo"], {}, "'yolo': each can be named once"),
        (["yolo", "yoloo"], {}, "'yoloo': the server has no such pipeline"),
        ("yolo", {}, "a list of at least two"),
        (["noop", "ocr"], {"sessions": 2}, "one session at a time"),
        (["noop", "ocr"], {"pipeline_id": "ocr"}, "leave this out"),
        (["noop", "ocr"], {"speed": 2}, "no such option"),
    ],
)
def test_what_cannot_be_compared_is_refused(lab, pipelines, options, problem):
    with pytest.raises(OptionError, match=problem) as caught:
        compare(lab, "gate_easy", pipelines, progress=False, **options)
    assert "\n" not in str(caught.value)


def test_real_pipelines_see_the_same_frames(lab):
    comparison = lab.compare(
        "gate_easy", ["yolo", "yolo_ocr", "noop"], progress=False, seconds=0.7, fps=10
    )
    assert list(comparison.recordings) == ["yolo", "yolo_ocr", "noop"]
    assert all(r.info["policy"] == "lossless" for r in comparison.recordings.values())
    table = comparison.agreement().set_index(["a", "b"])
    assert table.frames.tolist() == [7, 7, 7]
    assert table.left_out.tolist() == [0, 0, 0]
    assert table.loc[("yolo", "yolo_ocr"), "agreement"] > 0.8
    assert comparison.pairs.video_frame.unique().tolist() == [0, 3, 6, 9, 12, 15, 18]
    costs = comparison.costs()
    assert costs.loc["yolo_ocr", "node_read_p50_ms"] >= 0
    assert np.isnan(costs.loc["yolo", "node_read_p50_ms"])
    with pytest.raises(RecordingError, match="pipeline 'noop' have no detections"):
        streaming_accuracy(comparison.recordings["noop"])


def test_the_lab_streams_a_sample_through_its_own_pipeline(lab):
    options = {"seconds": 0.4, "fps": 5, "progress": False}
    assert lab.stream("photographs", **options).info["pipeline_id"] == "everyday"
    assert lab.stream("photographs", pipeline_id="noop", **options).info["pipeline_id"] == "noop"
    assert lab.stream("gate_easy", **options).info["pipeline_id"] == "yolo_ocr"
