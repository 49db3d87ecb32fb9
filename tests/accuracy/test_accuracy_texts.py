from collections import Counter
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.accuracy.track_association import TextReadings, iou, match_texts
from streamlab.media.truth import Truth

TEXTS = ("AB-2", "CD-3")


def box(x, **more):
    return {"x": x, "y": 0.0, "width": 20.0, "height": 10.0, **more}


def plain_outcomes(truth, results, score_threshold, min_text_score):
    """The rule of `match_texts`, one box at a time, on answers without what scores too little."""
    texts = truth.texts(1)
    shared = {track_id: Counter() for track_id in texts}
    last, first_right = {}, {}
    for frame, result in results:
        predicted = []
        for thing in result["detections"]:
            if "track_id" in thing and thing["score"] >= score_threshold:
                sure = thing.get("text_score", 1.0) >= min_text_score
                predicted.append({**thing, "text": thing.get("text") if sure else None})
        for thing in predicted:
            if thing["text"]:
                last[thing["track_id"]] = thing["text"]
        for real in truth.frames[frame]:
            best = max(predicted, key=partial(iou, real), default=None)
            if real["track_id"] not in texts or best is None or iou(real, best) < 0.5:
                continue
            shared[real["track_id"]][best["track_id"]] += 1
            if best["text"] == real["text"]:
                first_right.setdefault(real["track_id"], frame)
    outcomes = []
    for track_id, text in texts.items():
        follower = shared[track_id].most_common(1)
        read = last.get(follower[0][0]) if follower else None
        outcomes.append((track_id, text, read, first_right.get(track_id)))
    return outcomes


places = st.integers(0, 4).map(lambda n: 5.0 * n)
scores = st.sampled_from((0.3, 0.5, 0.7, 0.9))
reals = st.builds(
    lambda x, track: box(x, label="plate", track_id=track, text=TEXTS[track], legible=True),
    places,
    st.integers(0, 1),
)
read_boxes = st.builds(
    lambda x, track, score, text: box(x, score=score, **track, **text),
    places,
    st.one_of(st.just({}), st.fixed_dictionaries({"track_id": st.integers(0, 2)})),
    scores,
    st.one_of(
        st.just({}),
        st.fixed_dictionaries({"text": st.sampled_from((*TEXTS, "")), "text_score": scores}),
    ),
)
frames = st.lists(
    st.tuples(
        st.lists(reals, max_size=2, unique_by=lambda thing: thing["track_id"]),
        st.lists(read_boxes, max_size=4),
    ),
    max_size=6,
)


@given(frames, scores, scores)
def test_readings_at_any_thresholds_are_those_of_the_plain_loops(made, least, least_text):
    truth = Truth([real for real, _ in made])
    results = [(n, {"detections": things}) for n, (_, things) in enumerate(made)]
    outcomes = TextReadings(truth, results, 1).outcomes(least, least_text)
    ours = [(o.track_id, o.truth, o.read, o.first_right_frame) for o in outcomes]
    assert ours == plain_outcomes(truth, results, least, least_text)


def test_of_boxes_of_equal_iou_the_first_is_associated():
    truth = Truth([[box(5.0, label="plate", track_id=1, text="AB-2", legible=True)]])
    both = [box(x, track_id=n, text=TEXTS[n]) for n, x in enumerate((0.0, 10.0))]
    assert match_texts(truth, [(0, {"detections": both})], 1)[0].read == "AB-2"
    assert match_texts(truth, [(0, {"detections": both[::-1]})], 1)[0].read == "CD-3"


def test_boxes_are_scaled():
    truth = Truth([[box(20.0, label="plate", track_id=1, text="AB-2", legible=True)]])
    half = {"x": 10, "y": 0, "width": 10, "height": 5, "track_id": 4, "text": "AB-2"}
    results = [(0, {"detections": [half]})]
    assert TextReadings(truth, results, 1, scale=2.0).outcomes()[0].is_right
    assert not TextReadings(truth, results, 1).outcomes()[0].is_right


def test_what_is_read_behind_the_end_of_the_truth_does_not_count():
    truth = Truth([[box(0.0, label="plate", track_id=1, text="AB-2", legible=True)]])
    results = [(n, {"detections": [box(0.0, track_id=4, text="AB-2")]}) for n in (1, 2)]
    [outcome] = match_texts(truth, results, min_legible_frames=1)
    assert (outcome.read, outcome.first_right_frame) == (None, None)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_tracks_reading_is_that_of_its_longest_follower(count):
    truth = Truth([[box(0.0, label="plate", track_id=1, text="AB-2", legible=True)]] * 6)
    tracks = np.repeat([1, 2], [count, 6 - count])
    results = [
        (n, {"detections": [box(0.0, track_id=int(track), text=TEXTS[track - 1])]})
        for n, track in enumerate(tracks)
    ]
    assert match_texts(truth, results, 1)[0].is_right == (count > 3)
