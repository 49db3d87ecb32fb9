import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.tools.association import match, overlap
from streamlab.tools.detection import Detection
from streamlab.tools.motion import Motion
from streamlab.tools.tracker import Track, TrackParams


def new_session(**params):
    return Track(msgspec.convert(params, TrackParams)).open()


def parcel(x, y=100.0, width=100.0, height=60.0, score=0.9, label="parcel"):
    return Detection(x, y, width, height, label=label, score=score)


def ids(step, detections, frame_index):
    values = step({"detections": detections, "frame_index": frame_index})
    return [d.track_id for d in values["detections"]]


@pytest.mark.parametrize(
    ("first", "second", "buffer", "expected"),
    [
        ([0, 0, 10, 10], [0, 0, 10, 10], 0.0, 1.0),
        ([0, 0, 10, 10], [5, 0, 15, 10], 0.0, 1 / 3),
        ([0, 0, 10, 10], [10, 0, 20, 10], 0.0, 0.0),
        ([0, 0, 10, 10], [10, 0, 20, 10], 0.5, 1 / 3),
        ([0, 0, 10, 10], [40, 0, 50, 10], 1.0, 0.0),
        ([5, 5, 5, 5], [5, 5, 5, 5], 0.0, 0.0),
    ],
)
def test_overlap_is_iou_of_the_widened_boxes(first, second, buffer, expected):
    result = overlap(np.array([first], float), np.array([second], float), buffer)
    assert result[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("similarity", "expected"),
    [
        ([[0.9, 0.8], [0.85, 0.1]], [(0, 0)]),
        ([[0.9, 0.2], [0.85, 0.4]], [(0, 0), (1, 1)]),
        ([[0.5, 0.5], [0.5, 0.5]], [(0, 0), (1, 1)]),
        ([[0.1]], []),
    ],
)
def test_the_most_similar_are_matched_first_and_each_once(similarity, expected):
    assert match(np.array(similarity), 0.3) == expected


def test_motion_predicts_steady_movement_across_any_gap():
    motion = Motion((0, 0, 10, 10))
    motion.measure((8, 0, 18, 10), 2)
    motion.measure((20, 0, 30, 10), 3)
    np.testing.assert_allclose(motion.ahead(5), [40, 0, 50, 10], atol=1e-9)


def test_motion_never_turns_a_box_inside_out():
    motion = Motion((0, 0, 30, 10))
    motion.measure((10, 0, 20, 10), 1)
    x1, _, x2, _ = motion.ahead(20)
    assert x2 > x1


def test_a_thing_keeps_its_id_and_the_next_gets_the_next():
    step = new_session()
    assert ids(step, [parcel(10)], 0) == [1]
    assert ids(step, [parcel(20), parcel(300)], 1) == [1, 2]
    assert ids(step, [parcel(310), parcel(30)], 2) == [2, 1]


def test_an_unsure_thing_has_its_id_when_it_is_seen_again():
    step = new_session()
    assert ids(step, [parcel(10, score=0.5)], 0) == [None]
    assert ids(step, [parcel(14, score=0.5)], 1) == [1]


def test_tracks_are_the_detections_that_have_an_id():
    step = new_session()
    values = step({"detections": [parcel(10), parcel(300, score=0.5)], "frame_index": 0})
    assert [d.x for d in values["detections"]] == [10, 300]
    assert [d.x for d in values["tracks"]] == [10]


def test_what_it_is_given_is_left_as_it_was():
    given_detection = parcel(10)
    new_session()({"detections": [given_detection], "frame_index": 0})
    assert given_detection == parcel(10)


def test_a_weak_detection_continues_a_track_and_never_starts_one():
    step = new_session()
    ids(step, [parcel(10)], 0)
    ids(step, [parcel(15)], 1)
    assert ids(step, [parcel(20, score=0.2), parcel(300, score=0.2)], 2) == [1]
    assert ids(step, [parcel(25)], 3) == [1]


def test_a_second_box_on_the_same_thing_is_left_out():
    step = new_session()
    ids(step, [parcel(10)], 0)
    assert ids(step, [parcel(12), parcel(14, score=0.6)], 1) == [1]
    # Another label may well lie on it.
    assert ids(step, [parcel(14), parcel(14, label="label")], 2) == [1, 2]


def test_labels_are_tracked_apart():
    step = new_session()
    assert ids(step, [parcel(10, label="a"), parcel(10, label="b")], 0) == [1, 2]
    assert ids(step, [parcel(12, label="b"), parcel(12, label="a")], 1) == [2, 1]


def test_a_thing_that_is_hidden_for_a_while_is_known_again_and_later_is_not():
    for hidden, expected in ((20, 1), (60, 2)):
        step = new_session(max_lost_frames=30)
        for i in range(5):
            ids(step, [parcel(10 + 4 * i)], i)
        assert ids(step, [parcel(10 + 4 * (4 + hidden))], 4 + hidden) == [expected]


@pytest.mark.parametrize("speed", [-15, -8, 3, 15])
@pytest.mark.parametrize("size", [(150, 100), (60, 18)])
@pytest.mark.parametrize("seed", range(4))
def test_a_belt_keeps_its_ids_while_up_to_five_frames_are_dropped_in_a_row(speed, size, seed):
    """Things enter at one border, clipped by it, follow each other closely and leave."""
    rng = np.random.default_rng(seed)
    width, height = size
    starts = np.cumsum(rng.uniform(1.5, 2.5, 12) * max(width, 6 * abs(speed)))
    step = new_session()
    owners: dict[int, set[int]] = {}
    frame = 0
    while frame < 200:
        seen, truth = [], []
        for thing, start in enumerate(starts):
            left = abs(speed) * frame - start
            x = left if speed > 0 else 640 - width - left
            x1, x2 = max(x, 0), min(x + width, 640)
            if x2 - x1 > 0.3 * width:
                jitter = rng.normal(0, 0.7, 4)
                box = Detection(
                    x1 + jitter[0], 200 + jitter[1], x2 - x1 + jitter[2], height + jitter[3],
                    label="label", score=float(rng.uniform(0.4, 0.95)),
                )  # fmt: skip
                seen.append(box)
                truth.append(thing)
        for thing, track_id in zip(truth, ids(step, seen, frame), strict=True):
            if track_id is not None:
                owners.setdefault(thing, set()).add(track_id)
        frame += 1 + int(rng.integers(0, 6))
    assert all(len(found) == 1 for found in owners.values())
    assert len(set.union(*owners.values())) == len(owners)


BOXES = st.builds(
    Detection,
    x=st.floats(0, 600),
    y=st.floats(0, 440),
    width=st.floats(1, 200),
    height=st.floats(1, 200),
    label=st.sampled_from(["vehicle", "plate", None]),
    score=st.one_of(st.none(), st.floats(0, 1)),
)
SESSIONS = st.lists(
    st.tuples(st.integers(1, 40), st.lists(BOXES, max_size=8, unique_by=lambda d: (d.x, d.y))),
    min_size=1,
    max_size=8,
)


def play(step, session):
    frame, answers = 0, []
    for gap, detections in session:
        answers.append(step({"detections": detections, "frame_index": frame})["detections"])
        frame += gap
    return answers


@given(SESSIONS)
def test_an_id_is_given_once_a_frame_and_only_to_what_was_found(session):
    for (_, detections), answer in zip(session, play(new_session(), session), strict=True):
        found = [d.track_id for d in answer if d.track_id is not None]
        assert len(found) == len(set(found))
        plain = [msgspec.structs.replace(d, track_id=None) for d in answer]
        positions = [detections.index(d) for d in plain]
        assert positions == sorted(positions)


@given(SESSIONS, SESSIONS)
def test_sessions_share_nothing(first, second):
    alone = play(new_session(), first)
    one, other = new_session(), new_session()
    play(other, second)
    assert play(one, first) == alone


@given(SESSIONS, st.randoms(use_true_random=False))
def test_the_order_of_detections_does_not_change_who_is_who(session, random):
    def known(answer):
        return {(d.x, d.y, d.width, d.height, d.label, d.score): d.track_id for d in answer}

    shuffled = [(gap, random.sample(found, len(found))) for gap, found in session]
    pairs = zip(play(new_session(), session), play(new_session(), shuffled), strict=True)
    for straight, mixed in pairs:
        assert known(straight) == known(mixed)
