import numpy as np
import pandas as pd
import pytest

from streamlab.accuracy import (
    DetectionScores,
    accuracy_against,
    accuracy_by_score,
    average_precision,
    streaming_accuracy,
)
from streamlab.errors import OptionError, RecordingError
from streamlab.lab.recording import Recording
from streamlab.media.samples import sample_path
from streamlab.media.truth import Truth

STEP = 5
"""Pixels that a plate of 20 moves each frame: IoU 0.6, 0.33, 0.14 and 0 after one to four."""


def box(x, **more):
    return {"x": x, "y": 0, "width": 20, "height": 10, "label": "plate", **more}


def moving(frames):
    return Truth([[box(n * STEP, track_id=1)] for n in range(frames)])


def perfect(frame):
    return {"detections": [box(frame * STEP, score=0.9)]}


def recording(sent, *, fps=10.0, video_fps=10.0, result=perfect, start_ms=0.0, **info):
    """Record frames of the video, each with the latency of its answer in ms, None if dropped."""
    rows, answers = [], {}
    for index, (frame, latency_ms) in enumerate(sent):
        # to the microsecond, as recordings are
        due = round(start_ms + index * 1e3 / fps, 3)
        done = latency_ms is not None
        rows.append(
            {
                "session": 0,
                "frame_index": index,
                "video_frame": frame,
                "size_bytes": 1,
                "scheduled_ms": due,
                "sent_ms": due,
                "answered_ms": due + (latency_ms if done else 1.0),
                "round_trip_ms": latency_ms,
                "fate": "processed" if done else "dropped",
                "cause": None if done else "overflow",
            }
        )
        if done:
            answers[0, index] = result(frame)
    about = {"video": "made.mp4", "pipeline_id": "made", "fps": fps, "video_fps": video_fps}
    return Recording(pd.DataFrame(rows), {**about, **info}, results=answers)


def shown(accuracy):
    return [None if np.isnan(n) else int(n) for n in accuracy.moments.frame_index]


def test_before_the_first_answer_everything_is_missed():
    accuracy = streaming_accuracy(recording([(n, 250) for n in range(6)]), moving(6))
    assert shown(accuracy) == [None, None, None, 0, 1, 2]
    assert accuracy.moments.fn.tolist()[:3] == [1, 1, 1]
    assert accuracy.unanswered == 3
    assert accuracy.moments.staleness_ms.dropna().tolist() == [300] * 3


def test_an_answer_one_frame_old_is_where_the_object_was():
    accuracy = streaming_accuracy(recording([(n, 50) for n in range(6)]), moving(6))
    assert shown(accuracy) == [None, 0, 1, 2, 3, 4]
    # IoU 0.6: right at 0.5, wrong at 0.75
    assert accuracy.moments[["tp", "fp", "fn"]].to_numpy().tolist() == [[0, 0, 1], *[[1, 0, 0]] * 5]
    assert accuracy.recall == 5 / 6
    strict = streaming_accuracy(
        recording([(n, 50) for n in range(6)]), moving(6), iou_threshold=0.75
    )
    assert strict.recall == 0
    assert strict.precision == 0
    assert strict.offline_recall == 1


def test_what_latency_costs_is_the_difference_to_answers_at_once():
    accuracy = streaming_accuracy(recording([(n, 150) for n in range(10)]), moving(10))
    # two frames old everywhere: IoU 1/3
    assert (accuracy.ap, accuracy.offline_ap, accuracy.latency_cost_ap) == (0, 1, 1)
    assert accuracy.offline_precision == accuracy.offline_f1 == 1


def test_a_dropped_frame_leaves_the_answer_before_it_on_screen():
    sent = [(0, 10), (1, 10), (2, None), (3, None), (4, 10), (5, 10)]
    accuracy = streaming_accuracy(recording(sent), moving(6))
    assert shown(accuracy) == [None, 0, 1, 1, 1, 4]
    assert accuracy.moments.staleness_ms.tolist()[1:] == [100, 100, 200, 300, 100]
    assert accuracy.moments.tp.tolist() == [0, 1, 1, 0, 0, 1]
    # without latency, frame 1 is still there for 2 and 3
    assert accuracy.offline_recall == 5 / 6


def test_an_answer_that_is_there_at_the_moment_counts():
    on_time = streaming_accuracy(recording([(0, 100.0), (1, 100.0)]), moving(2))
    assert shown(on_time) == [None, 0]
    late = streaming_accuracy(recording([(0, 100.1), (1, 100.1)]), moving(2))
    assert shown(late) == [None, None]


def test_an_older_answer_that_comes_later_replaces_nothing():
    accuracy = streaming_accuracy(recording([(0, 10), (1, 250), (2, 10), (3, 10)]), moving(4))
    assert shown(accuracy) == [None, 0, 0, 2]
    overtaken = streaming_accuracy(
        recording([(0, 10), (1, 150), (2, 40), (3, None), (4, None)]), moving(5)
    )
    assert shown(overtaken) == [None, 0, 0, 2, 2]


def test_a_video_in_real_time_has_a_moment_for_every_frame_whatever_was_sent():
    sparse = recording([(0, 10), (3, 10)], fps=10 / 3)
    accuracy = streaming_accuracy(sparse, moving(9))
    assert accuracy.moments.video_frame.tolist() == [0, 1, 2, 3, 4, 5]
    assert shown(accuracy) == [None, 0, 0, 0, 1, 1]
    assert accuracy.moments.time_ms.tolist() == [0, 100, 200, 300, 400, 500]


def test_frames_sent_more_often_than_the_video_has_them_add_no_moments():
    often = recording([(0, 10), (0, 10), (1, 10), (1, 10)], fps=20.0)
    accuracy = streaming_accuracy(often, moving(4))
    assert accuracy.moments.video_frame.tolist() == [0, 1]
    # of frame 0 as sent at 50 ms
    assert shown(accuracy) == [None, 1]
    assert accuracy.moments.staleness_ms.tolist()[1] == 50


def test_every_frame_plays_at_the_rate_at_which_frames_are_sent():
    fast = recording([(n, 30) for n in range(4)], fps=50.0, video_fps=10.0, every_frame=True)
    accuracy = streaming_accuracy(fast, moving(4))
    assert accuracy.moments.time_ms.tolist() == [0, 20, 40, 60]
    assert accuracy.moments.video_frame.tolist() == [0, 1, 2, 3]
    # 30 ms are two frames of 20
    assert shown(accuracy) == [None, None, 0, 1]


def test_a_looped_video_begins_again():
    looped = recording([(n % 3, 10) for n in range(7)], loop=True)
    accuracy = streaming_accuracy(looped, moving(3))
    assert accuracy.moments.video_frame.tolist() == [0, 1, 2, 0, 1, 2, 0]
    # at the seams the answer is about the other end of the video
    assert accuracy.moments.tp.tolist() == [0, 1, 1, 0, 1, 1, 0]


def test_moments_without_truth_are_left_out():
    accuracy = streaming_accuracy(recording([(n, 10) for n in range(5)]), moving(3))
    assert accuracy.moments.video_frame.tolist() == [0, 1, 2]


def test_a_session_may_begin_at_any_time_of_the_recording():
    early, late = (
        streaming_accuracy(recording([(n, 60) for n in range(5)], start_ms=start), moving(5))
        for start in (0.0, 12_345.678)
    )
    pd.testing.assert_frame_equal(early.moments, late.moments, atol=1e-6, rtol=0)


def test_a_session_whose_frames_were_all_dropped_shows_nothing():
    accuracy = streaming_accuracy(recording([(n, None) for n in range(4)]), moving(4))
    assert accuracy.recall == accuracy.ap == accuracy.offline_ap == 0
    assert np.isnan(accuracy.precision)
    assert np.isnan(accuracy.staleness_p95_ms)
    assert accuracy.unanswered == 4
    assert "nan" in repr(accuracy)


def test_what_scores_too_little_is_not_shown():
    def result(frame):
        wrong = box(400, score=0.3)
        return {"detections": [box(frame * STEP, score=0.9), wrong]}

    made = recording([(n, 10) for n in range(5)], result=result)
    every, sure = (streaming_accuracy(made, moving(5), score_threshold=s) for s in (0.0, 0.5))
    assert (every.precision, sure.precision) == (0.5, 1.0)
    assert every.recall == sure.recall


def test_labels_have_their_own_figures():
    truth = Truth([[*objects, box(300, label="cat", track_id=2)] for objects in moving(5).frames])
    accuracy = streaming_accuracy(recording([(n, 10) for n in range(5)]), truth)
    table = accuracy.by_label.set_index("label")
    assert table.loc["cat", ["tp", "fn"]].tolist() == [0, 5]
    assert table.loc["plate", ["tp", "fn"]].tolist() == [4, 1]
    assert table.loc["all", ["tp", "fn"]].tolist() == [4, 6]
    assert table.offline_ap.tolist() == [0, 1, 0.5]
    plates = streaming_accuracy(recording([(0, 10)] * 2), truth, labels=["plate"])
    assert plates.by_label.label.tolist() == ["plate", "all"]


def test_the_figures_are_those_of_the_moments():
    accuracy = streaming_accuracy(recording([(n, 10 + 40 * n) for n in range(8)]), moving(8))
    tp, fp, fn = (int(accuracy.moments[name].sum()) for name in ("tp", "fp", "fn"))
    assert accuracy.precision == tp / (tp + fp)
    assert accuracy.recall == tp / (tp + fn)
    assert accuracy.f1 == 2 * tp / (2 * tp + fp + fn)
    assert np.all(accuracy.moments.tp + accuracy.moments.fn == 1)


def test_a_notebook_shows_the_figures_beside_those_without_latency():
    html = streaming_accuracy(recording([(n, 50) for n in range(6)]), moving(6))._repr_html_()
    assert "without latency" in html
    assert "0.833" in html
    assert "moments before the first answer: 1" in html


def test_what_cannot_be_judged_is_refused():
    made = recording([(0, 10)])
    with pytest.raises(OptionError, match="it has: 0"):
        streaming_accuracy(made, moving(1), session=1)
    with pytest.raises(OptionError, match="score_threshold"):
        streaming_accuracy(made, moving(1), score_threshold=2)
    with pytest.raises(RecordingError, match="no ground truth"):
        streaming_accuracy(made)
    with pytest.raises(RecordingError, match="no detections"):
        streaming_accuracy(recording([(0, 10)], result=lambda _: {"text": ""}), moving(1))
    with pytest.raises(RecordingError, match="no video_fps"):
        streaming_accuracy(recording([(0, 10)], video_fps=None), moving(1))


def sample_recording(latency_ms, frames=90):
    """Record a pipeline that finds the sample's truth, with scores that fall by the object."""
    truth = Truth.of_video(sample_path("gate_easy"))
    assert truth is not None

    def result(frame):
        things = truth.frames[frame]
        return {"detections": [{**t, "score": 1 - 0.1 * n} for n, t in enumerate(things)]}

    sent = [(n, latency_ms) for n in range(frames)]
    rate = {"fps": 30.0, "video_fps": 30.0, "video_width": 640, "width": 640}
    return recording(sent, result=result, **rate), Truth(truth.frames[:frames])


def test_on_a_real_video_the_truth_itself_is_perfect_and_the_more_latency_the_worse():
    made, truth = sample_recording(10)
    assert average_precision(made, truth).ap.tolist() == [1, 1, 1]
    accuracies = [streaming_accuracy(sample_recording(ms)[0], truth) for ms in (10, 110, 310, 610)]
    assert [accuracy.offline_ap for accuracy in accuracies] == [1] * 4
    aps = [accuracy.ap for accuracy in accuracies]
    assert aps == sorted(aps, reverse=True)
    assert aps[0] > 0.95
    assert aps[-1] < aps[0] - 0.1
    assert [accuracy.staleness_p50_ms for accuracy in accuracies] == (
        pytest.approx([33.333, 133.333, 333.333, 633.333], abs=0.01)
    )


def test_a_sweep_has_a_row_for_each_recording():
    truth = moving(8)
    made = {ms: recording([(n, ms) for n in range(8)]) for ms in (10, 150)}
    table = accuracy_against(made, truth).set_index("value")
    assert table.ap.tolist() == [1, 1]
    assert table.streaming_ap.tolist() == [streaming_accuracy(m, truth).ap for m in made.values()]
    assert table.streaming_recall.tolist() == [7 / 8, 0]
    assert table.offline_f1.tolist() == [1, 1]
    assert table.round_trip_p95_ms.tolist() == [10, 150]
    assert table.staleness_p50_ms.tolist() == [100, 200]
    assert table.processed.tolist() == [1, 1]


def test_a_sweep_of_nothing_is_refused():
    with pytest.raises(OptionError, match="at least one value"):
        accuracy_against({})
    with pytest.raises(OptionError, match="a mapping"):
        accuracy_against([recording([(0, 10)])])  # type: ignore[arg-type]


def test_a_sweep_of_the_score_threshold_is_what_each_threshold_gives():
    made, truth = sample_recording(40, frames=40)
    table = accuracy_by_score(made, truth, score_thresholds=(0.0, 0.75, 0.95))
    scores = DetectionScores(made, truth)
    for row in table.to_dict("records"):
        at_once = streaming_accuracy(made, truth, score_threshold=row["value"])
        assert row["streaming_ap"] == at_once.ap
        assert row["offline_recall"] == at_once.offline_recall
        assert row["streaming_f1"] == at_once.f1
        assert row["recall"] == scores.at(row["value"]).recall
    assert table.recall.is_monotonic_decreasing
