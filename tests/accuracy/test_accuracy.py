import re

import numpy as np
import pandas as pd
import pytest

from streamlab.accuracy import (
    COCO_IOU_THRESHOLDS,
    DetectionScores,
    average_precision,
    detection_metrics,
    text_metrics,
)
from streamlab.errors import OptionError, RecordingError
from streamlab.lab.recording import Recording
from streamlab.media.truth import Truth

FPS = 10.0


def box(x, label="plate", width=20, **more):
    return {"x": x, "y": 0, "width": width, "height": 10, "label": label, **more}


def recording(results, answered_ms=None, sessions=1, **info):
    """Record a frame every 100 ms, answered 30 ms later; a result of None is a dropped frame."""
    rows = []
    answers = {}
    for session in range(sessions):
        for index, result in enumerate(results):
            due = index * 1e3 / FPS
            done = result is not None
            rows.append(
                {
                    "session": session,
                    "frame_index": index,
                    "video_frame": index,
                    "size_bytes": 1,
                    "scheduled_ms": due,
                    "sent_ms": due,
                    "answered_ms": answered_ms[index] if answered_ms else due + 30,
                    "fate": "processed" if done else "dropped",
                    "cause": None if done else "overflow",
                }
            )
            if done:
                answers[session, index] = result
    about = {"video": "made.mp4", "pipeline_id": "made", "fps": FPS, "video_fps": FPS, **info}
    return Recording(pd.DataFrame(rows), about, results=answers)


def found(*things):
    return {"detections": list(things)}


TRUTH = Truth([[box(0, track_id=1)], [box(0, track_id=1), box(100, "vehicle", track_id=2)]])


def test_detections_are_counted_by_label_and_threshold():
    answers = [found(box(0, score=0.9), box(50, score=0.4)), found(box(2, score=0.6))]
    table = detection_metrics(recording(answers), TRUTH, score_thresholds=(0.3, 0.5, 0.8))
    rows = table.set_index(["label", "score_threshold"])
    counts = rows[["tp", "fp", "fn"]].apply(tuple, axis=1)
    assert [counts["plate", at] for at in (0.3, 0.5, 0.8)] == [(2, 1, 0), (2, 0, 0), (1, 0, 1)]
    assert [counts["vehicle", at] for at in (0.3, 0.5, 0.8)] == [(0, 0, 1)] * 3
    assert counts["all", 0.3] == (2, 1, 1)
    assert rows.loc[("all", 0.3), ["precision", "recall", "f1"]].tolist() == [2 / 3] * 3
    assert np.isnan(rows.loc[("vehicle", 0.3), "precision"])
    assert rows.loc[("vehicle", 0.3), "recall"] == 0


def test_a_frame_that_was_not_processed_does_not_count():
    table = detection_metrics(recording([None, found(box(0, score=0.9))]), TRUTH, [0.5])
    assert table.set_index("label").loc["all", ["tp", "fp", "fn"]].tolist() == [1, 0, 1]


def test_frames_behind_the_end_of_the_truth_do_not_count():
    answers = [found(box(0, score=0.9))] * 3
    table = detection_metrics(recording(answers), Truth(TRUTH.frames[:2]), [0.5])
    assert table.set_index("label").loc["plate", ["tp", "fp", "fn"]].tolist() == [2, 0, 0]


def test_boxes_of_scaled_frames_are_compared_in_pixels_of_the_video():
    half = found({"x": 0, "y": 0, "width": 10, "height": 5, "label": "plate", "score": 0.9})
    scaled = recording([half], video_width=640, width=320)
    assert average_precision(scaled, TRUTH).set_index("label").ap["plate"] == 1
    assert average_precision(recording([half]), TRUTH).set_index("label").ap["plate"] == 0


def test_the_average_of_all_is_the_mean_over_labels_with_truth():
    answers = [found(box(0, score=0.9)), found(box(0, score=0.8), box(300, "cat", score=0.9))]
    table = average_precision(recording(answers), TRUTH, labels=["plate", "vehicle", "cat"])
    aps = table.set_index("label").ap
    assert aps["plate"] == 1
    assert aps["vehicle"] == 0
    assert np.isnan(aps["cat"])
    assert aps["all"] == 0.5


def test_averages_at_several_overlaps_fall_as_more_is_asked_for():
    table = average_precision(recording([found(box(2, score=0.9))]), TRUTH, COCO_IOU_THRESHOLDS)
    plates = table[table.label == "plate"]
    # 18 of 22 pixels are shared
    assert plates.ap.tolist() == [1.0] * 7 + [0.0] * 3
    assert plates.iou_threshold.tolist() == pytest.approx(np.arange(0.5, 1, 0.05))


def test_labels_that_the_truth_does_not_have_are_left_out_unless_asked_for():
    answers = [found(box(0, score=0.9), box(60, "cat", score=0.9))]
    table = detection_metrics(recording(answers), TRUTH, [0.5])
    assert set(table.label) == {"plate", "vehicle", "all"}
    assert table.set_index("label").loc["all", "fp"] == 0
    asked = detection_metrics(recording(answers), TRUTH, [0.5], labels=["plate", "cat"])
    assert asked.set_index("label").loc["all", ["tp", "fp"]].tolist() == [1, 1]


def test_whatever_is_found_in_an_empty_video_is_wrong():
    table = detection_metrics(recording([found(box(0, score=0.9))]), Truth([[]]), [0.5])
    assert table.set_index("label").loc["all", ["tp", "fp", "fn"]].tolist() == [0, 1, 0]
    assert np.isnan(table.recall).all()


def test_a_pipeline_that_finds_nothing_misses_everything():
    table = average_precision(recording([found(), found()]), TRUTH)
    assert table.set_index("label").ap.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("results", "problem"),
    [
        ([{}], "pipeline 'made' have no detections"),
        ([{"text": "A"}], "pipeline 'made' have no detections"),
        (
            [found(box(0, "car", score=0.5))],
            r"labels \(car\) and the truth's \(plate, vehicle\) have none in common",
        ),
    ],
)
def test_answers_that_cannot_be_compared_are_refused_in_one_sentence(results, problem):
    for judge in (detection_metrics, average_precision, DetectionScores):
        with pytest.raises(RecordingError, match=problem) as caught:
            judge(recording(results), TRUTH)
        assert "\n" not in str(caught.value)


def test_a_video_without_truth_is_refused():
    with pytest.raises(RecordingError, match="no ground truth"):
        detection_metrics(recording([found()]))


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"iou_threshold": 1.5}, "iou_threshold=1.5"),
        ({"iou_threshold": "half"}, "iou_threshold='half'"),
        ({"score_thresholds": [0.5, -1]}, "score_thresholds=-1"),
        ({"score_thresholds": []}, "at least one"),
        ({"score_thresholds": 0.5}, "a list of numbers"),
        ({"labels": "plate"}, "a list of labels"),
        ({"labels": ["truck"]}, "there are: plate, vehicle"),
        ({"labels": []}, "at least one"),
        ({"session": 3}, "it has: 0"),
    ],
)
def test_options_that_are_not_allowed_are_refused(options, problem):
    with pytest.raises(OptionError, match=re.escape(problem)):
        detection_metrics(recording([found(box(0, score=0.9))]), TRUTH, **options)


def test_one_session_of_several_can_be_judged():
    both = recording([found(box(0, score=0.9))], sessions=2)
    counts = [
        detection_metrics(both, TRUTH, [0.5], session=session).set_index("label").tp["all"]
        for session in (None, 0, 1)
    ]
    assert counts == [2, 1, 1]


def test_the_scores_of_one_matching_are_those_of_the_table():
    answers = [found(box(0, score=0.9), box(50, score=0.4)), found(box(2, score=0.6))]
    scores = DetectionScores(recording(answers), TRUTH)
    table = detection_metrics(recording(answers), TRUTH).set_index(["label", "score_threshold"])
    for threshold in (0.05, 0.4, 0.45, 0.6, 0.95):
        outcome, row = scores.at(threshold), table.loc["all", threshold]
        assert (outcome.tp, outcome.fp, outcome.fn) == (row.tp, row.fp, row.fn)
        assert outcome.recall == row.recall
        assert outcome.texts_right is None
    with pytest.raises(OptionError, match="there are: plate, vehicle, all"):
        scores.counts(0.5, "cat")


# Texts: a plate that stays for 12 frames and is legible from the third on.

PLATES = Truth(
    [[box(0, track_id=7, text="AB-2", **({"legible": True} if n >= 2 else {}))] for n in range(12)]
)


def read(text=None, x=0, track_id=3, score=0.9, **more):
    texts = {"text": text, "text_score": 0.8} if text else {}
    thing = box(x, score=score, track_id=track_id, **{**texts, **more})
    return {"detections": [thing], "text": text or ""}


def test_a_text_is_right_when_the_viewer_has_the_answer():
    answers = [read("AB-2" if n >= 4 else "AB-7" if n == 3 else None) for n in range(12)]
    [row] = text_metrics(recording(answers), PLATES).to_dict("records")
    assert row == {
        "track_id": 7,
        "text": "AB-2",
        "read": "AB-2",
        "is_right": True,
        "first_legible_ms": 200,
        # frame 4, due at 400 ms, answered 30 ms later
        "first_right_ms": 430,
        "delay_ms": 230,
        # the answer of frame 3 is there at 330 ms and on screen at 400 ms
        "wrong_frames": 1,
        "wrong_ms": 100,
    }


def test_a_late_answer_is_read_late_and_an_old_wrong_one_stays():
    answers = [read("AB-7"), *[None] * 6, *[read("AB-2")] * 5]
    late = [30, *[0] * 6, 950, *[1000 + 100 * n for n in range(4)]]
    [row] = text_metrics(recording(answers, late), PLATES).to_dict("records")
    assert row["first_right_ms"] == 950
    # the first answer is on screen from 100 to 900 ms
    assert row["wrong_frames"] == 9


def test_a_text_that_nobody_read_is_none():
    [row] = text_metrics(recording([read()] * 12), PLATES).to_dict("records")
    assert row["read"] is None
    assert not row["is_right"]
    assert np.isnan(row["first_right_ms"])
    assert np.isnan(row["delay_ms"])


def test_times_are_those_of_the_session_whenever_it_began():
    late = recording([read("AB-2")] * 12)
    late.frames[["scheduled_ms", "answered_ms"]] += 5000
    [row] = text_metrics(late, PLATES).to_dict("records")
    assert (row["first_legible_ms"], row["first_right_ms"]) == (200, 30)


def test_tracks_that_the_session_hardly_shows_are_left_out():
    assert text_metrics(recording([read("AB-2")] * 12), PLATES).track_id.tolist() == [7]
    short = recording([read("AB-2")] * 11)
    assert len(text_metrics(short, PLATES)) == 0
    assert len(text_metrics(short, PLATES, min_legible_frames=9)) == 1


@pytest.mark.parametrize("results", [[found(box(0))], [{"text": "AB-2"}], [{}]])
def test_answers_without_texts_on_detections_are_refused(results):
    with pytest.raises(RecordingError, match="have no texts on detections"):
        text_metrics(recording(results), PLATES)


@pytest.mark.parametrize("count", [0, 1.5, True, "ten"])
def test_the_least_number_of_legible_frames_is_checked(count):
    with pytest.raises(OptionError, match="min_legible_frames"):
        text_metrics(recording([read()]), PLATES, min_legible_frames=count)


def test_texts_follow_both_thresholds():
    answers = [read("AB-7", score=0.6)] * 6 + [read("AB-2", text_score=0.5)] * 6
    scores = DetectionScores(recording(answers), PLATES)

    def texts(*thresholds):
        outcome = scores.at(*thresholds)
        return outcome.texts_right, outcome.texts_wrong, outcome.texts_unread

    assert texts(0.0) == (1, 0, 0)
    # the right text is less sure than 0.7, so the wrong one before it stands
    assert texts(0.0, 0.7) == (0, 1, 0)
    assert texts(0.7, 0.7) == (0, 0, 1)
    assert texts(0.95) == (0, 0, 1)
