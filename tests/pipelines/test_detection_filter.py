import math
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.errors import OptionError
from streamlab.pipelines.detection_filter import (
    ALL_DETECTIONS,
    MAX_LABEL_LENGTH,
    MAX_LABELS,
    DetectionFilter,
)
from streamlab.tools.detection import Detection

SURE = Detection(1.0, 2.0, 3.0, 4.0, label="cup", score=0.9, text="A")
UNSURE = Detection(1.0, 2.0, 3.0, 4.0, label="dog", score=0.3, track_id=7)
BARE = Detection(1.0, 2.0, 3.0, 4.0)


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({}, [SURE, UNSURE, BARE]),
        ({"min_score": 0.3}, [SURE, UNSURE, BARE]),
        ({"min_score": 0.31}, [SURE, BARE]),
        ({"min_score": 1}, [BARE]),
        ({"labels": ["dog"]}, [UNSURE]),
        ({"labels": ["dog", "cup"]}, [SURE, UNSURE]),
        ({"labels": ["DOG"]}, []),
        ({"min_score": 0.5, "labels": ["dog", "cup"]}, [SURE]),
    ],
)
@pytest.mark.parametrize("form", [lambda d: d, msgspec.to_builtins, lambda d: _object(d)])
def test_which_detections_pass(settings, kept, form):
    given = [form(detection) for detection in (SURE, UNSURE, BARE)]
    wanted = [form(detection) for detection in kept]
    assert DetectionFilter.of(**settings).apply(given) == wanted


def _object(detection):
    return SimpleNamespace(**msgspec.structs.asdict(detection))


def test_a_score_of_any_kind_of_number_is_compared_and_nan_is_not_sure():
    scores = [np.float32(0.9), 1, math.nan, np.float64(0.2)]
    given = [{"score": score} for score in scores]
    assert DetectionFilter(min_score=0.5).apply(given) == given[:2]


scores = st.none() | st.floats(0, 1)
labels = st.none() | st.sampled_from(["cup", "dog", "person"])
things = st.lists(
    st.fixed_dictionaries({"score": scores, "label": labels, "contours": st.integers()})
)
filters = st.builds(
    DetectionFilter.of,
    st.floats(0, 1),
    st.none() | st.lists(st.sampled_from(["cup", "dog", "person", "plate"]), min_size=1),
)


@given(filters, things)
def test_what_passes_is_handed_on_as_it_is_and_in_order(detection_filter, found):
    kept = list(detection_filter.apply(found))
    rest = iter(found)
    assert all(any(each is thing for thing in rest) for each in kept)
    for thing in found:
        passes = thing["score"] is None or thing["score"] >= detection_filter.min_score
        if detection_filter.labels is not None:
            passes = passes and thing["label"] in detection_filter.labels
        assert passes == any(each is thing for each in kept)


@given(filters, filters, things)
def test_filters_can_only_take_away_and_twice_is_once(first, second, found):
    once = list(first.apply(found))
    assert list(first.apply(once)) == once
    assert list(first.apply(list(second.apply(found)))) == list(second.apply(once))


@given(filters)
def test_a_filter_is_plain_data(detection_filter):
    packed = msgspec.msgpack.encode(detection_filter)
    assert msgspec.msgpack.decode(packed, type=DetectionFilter) == detection_filter


def test_the_default_copies_nothing():
    found = [SURE]
    assert ALL_DETECTIONS.apply(found) is found
    assert DetectionFilter.of() == ALL_DETECTIONS


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"min_score": 1.01}, "min_score=1.01: a number from 0 to 1"),
        ({"min_score": -0.1}, "from 0 to 1"),
        ({"min_score": math.nan}, "from 0 to 1"),
        ({"min_score": True}, "from 0 to 1"),
        ({"min_score": "0.5"}, "from 0 to 1"),
        ({"min_score": None}, "from 0 to 1"),
        ({"labels": "cup"}, "a list of names"),
        ({"labels": {"cup": 1}}, "a list of names"),
        ({"labels": []}, f"1 to {MAX_LABELS} names"),
        ({"labels": [""]}, "labels='': 1 to"),
        ({"labels": [3]}, "labels=3: 1 to"),
        ({"labels": ["x" * (MAX_LABEL_LENGTH + 1)]}, f"1 to {MAX_LABEL_LENGTH} characters"),
        ({"labels": [str(i) for i in range(MAX_LABELS + 1)]}, f"{MAX_LABELS + 1} names"),
    ],
)
def test_what_is_not_allowed_is_told_in_one_line(settings, words):
    with pytest.raises(OptionError) as caught:
        DetectionFilter.of(**settings)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_labels_are_kept_once_each():
    assert DetectionFilter.of(labels=["b", "a", "b"]).labels == ("b", "a")
