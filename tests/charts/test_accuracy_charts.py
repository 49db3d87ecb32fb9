import dataclasses

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from streamlab.accuracy import accuracy_against, average_precision, streaming_accuracy
from streamlab.charts.accuracy import (
    accuracy_against_value,
    accuracy_over_time,
    agreement_over_time,
    precision_recall_curve,
    staleness_over_time,
)
from streamlab.errors import OptionError
from streamlab.lab.comparison import Comparison
from streamlab.lab.recording import Recording
from streamlab.media.truth import Truth

mpl.use("Agg")


def box(x, label="plate", **more):
    return {"x": x, "y": 0, "width": 20, "height": 10, "label": label, **more}


def recording(results, latency_ms=20.0):
    rows = [
        {
            "session": 0,
            "frame_index": index,
            "video_frame": index,
            "size_bytes": 1,
            "scheduled_ms": index * 100.0,
            "sent_ms": index * 100.0,
            "answered_ms": index * 100.0 + latency_ms,
            "round_trip_ms": latency_ms,
            "total_ms": latency_ms,
            "fate": "dropped" if result is None else "processed",
            "cause": "overflow" if result is None else None,
        }
        for index, result in enumerate(results)
    ]
    answers = {(0, n): result for n, result in enumerate(results) if result is not None}
    info = {"video": "made.mp4", "fps": 10.0, "video_fps": 10.0}
    return Recording(pd.DataFrame(rows), info, results=answers)


TRUTH = Truth([[box(0, track_id=1)]] * 5 + [[]] * 5)
FOUND = [{"detections": [box(0, score=0.9 - 0.1 * n), box(60, score=0.4)]} for n in range(10)]


@pytest.fixture
def ax():
    return Figure(figsize=(8, 4)).subplots()


def drawn(ax, label):
    """Return the x and y values of the line whose label begins so."""
    [line] = [line for line in ax.lines if str(line.get_label()).startswith(label)]
    return np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)


def words(ax):
    """Return all that is written on the axes and in the legend, once the figure is drawn."""
    ax.figure.canvas.draw()
    return " ".join([ax.get_title(), *(text.get_text() for text in ax.get_legend().get_texts())])


def test_the_curve_ends_at_the_recall_of_all_detections(ax):
    made = recording(FOUND)
    assert made.plot_precision_recall(truth=TRUTH, ax=ax) is ax
    recall, precision = drawn(ax, "plate")
    assert (recall[-1], precision[0]) == (1, 1)
    ap = average_precision(made, TRUTH).set_index("label").ap["plate"]
    assert f"plate: AP {ap:.3f}" in words(ax)


def test_a_label_without_an_average_is_named_in_the_legend(ax):
    truth = Truth([[*objects, box(200, "cat", track_id=3)] for objects in TRUTH.frames])
    precision_recall_curve(recording(FOUND), truth, ax=ax)
    assert "cat: no AP" in words(ax)


def test_accuracy_over_time_says_where_there_is_nothing_to_find(ax):
    accuracy = streaming_accuracy(recording(FOUND), TRUTH)
    accuracy_over_time(accuracy, ax)
    times, recall = drawn(ax, "recall")
    assert times.tolist() == [0.25, 0.75]
    # the moment before the first answer is missed
    assert recall[0] == 4 / 5
    assert np.isnan(recall[1])
    assert "nothing to find" in words(ax)


def test_staleness_is_that_of_the_moments(ax):
    made = recording([*FOUND[:3], None, None, *FOUND[5:]], latency_ms=150)
    accuracy = streaming_accuracy(made, TRUTH)
    staleness_over_time(accuracy, ax)
    times, stale = drawn(ax, "age of the answer")
    np.testing.assert_array_equal(stale, accuracy.moments.staleness_ms)
    assert times.tolist() == pytest.approx([n / 10 for n in range(10)])
    assert "no answer" in words(ax)
    assert "p95 400 ms" in words(ax)


def test_a_session_that_was_never_answered_can_be_drawn(ax):
    accuracy = streaming_accuracy(recording([None] * 4), TRUTH)
    staleness_over_time(accuracy, ax)
    assert "no answer" in words(ax)
    other = Figure().subplots()
    accuracy_over_time(accuracy, other)
    assert drawn(other, "recall")[1].tolist() == [0]


def test_moments_without_truth_leave_a_sentence():
    accuracy = streaming_accuracy(recording(FOUND), TRUTH)
    accuracy = dataclasses.replace(accuracy, moments=accuracy.moments.head(0))
    for chart in (accuracy_over_time, staleness_over_time):
        [text] = chart(accuracy, Figure().subplots()).texts
        assert "No moment of this session" in text.get_text()


@pytest.mark.parametrize("values", [(30, 10), ("realtime", "lossless")])
def test_accuracy_is_drawn_against_numbers_in_order_and_names_as_they_come(ax, values):
    made = dict(zip(values, (recording(FOUND), recording(FOUND, 600)), strict=True))
    table = accuracy_against(made, TRUTH)
    accuracy_against_value(table, "setting", "recall", ax)
    places, recall = drawn(ax, "every moment, as the viewer")
    expected = table.streaming_recall.tolist()
    assert recall.tolist() == (expected[::-1] if values == (30, 10) else expected)
    assert places.tolist() == ([10, 30] if values == (30, 10) else [0, 1])
    assert ax.get_xlabel() == "setting"
    assert ax.get_ylabel() == "recall"


def test_only_the_metrics_of_the_table_can_be_drawn(ax):
    table = accuracy_against({1: recording(FOUND)}, TRUTH)
    with pytest.raises(OptionError, match="'ap' or 'precision'"):
        accuracy_against_value(table, metric="speed", ax=ax)


def test_agreement_is_drawn_for_each_pair_that_has_some(ax):
    less = recording([{"detections": [box(0, score=0.9)]} for _ in range(10)])
    comparison = Comparison({"a": recording(FOUND), "b": less, "noop": recording([{}] * 10)})
    assert comparison.plot(ax) is ax
    times, agreement = drawn(ax, "a (20.0 ms) and b (20.0 ms): detections 0.667")
    assert times.tolist() == [0.25, 0.75]
    assert agreement == pytest.approx([2 / 3, 2 / 3])
    assert "noop" not in words(ax)


def test_pipelines_with_nothing_in_common_leave_a_sentence(ax):
    agreement_over_time(Comparison({"a": recording([{}]), "b": recording([{}])}), ax)
    [text] = ax.texts
    assert "no comparable answers" in text.get_text()
