import contextlib
import io
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.accuracy.boxes import Boxes, rowwise_iou
from streamlab.accuracy.coco_ap import ap_by_label, interpolated_ap
from streamlab.accuracy.matched_detections import MatchedDetections
from streamlab.accuracy.matching import NO_MATCH, match, match_symmetric
from streamlab.media.samples import sample_path
from streamlab.media.truth import Truth

LABELS = ("label", "plate")


def thing(x, y=0.0, width=20.0, height=10.0, label="plate", score=None):
    box = {"x": x, "y": y, "width": width, "height": height, "label": label}
    return box if score is None else {**box, "score": score}


# few and coarse, so that boxes overlap, and equally, more often than not
sides = st.sampled_from((8.0, 12.0))
places = st.integers(0, 4).map(lambda n: 2.0 * n)
objects = st.builds(thing, places, places, sides, sides, st.sampled_from(LABELS))
scores = st.integers(1, 20).map(lambda n: n / 20)
detections = st.builds(thing, places, places, sides, sides, st.sampled_from(LABELS), scores)
scenes = st.lists(
    st.tuples(st.lists(detections, max_size=5), st.lists(objects, max_size=5)), max_size=4
)
thresholds = st.sampled_from((0.1, 0.3, 0.5, 0.75, 1.0))


def boxes_of(scene) -> tuple[Boxes, Boxes]:
    detected, real = (Boxes.of([image[side] for image in scene], LABELS) for side in (0, 1))
    return detected, real


def sample_truth(name):
    truth = Truth.of_video(sample_path(name))
    assert truth is not None
    return truth


def test_overlap_is_the_intersection_over_the_union():
    a = np.array([[0.0, 0, 20, 10], [0, 0, 20, 10], [0, 0, 20, 10], [0, 0, 0, 0]])
    b = np.array([[0.0, 0, 20, 10], [10, 0, 20, 10], [20, 0, 20, 10], [0, 0, 0, 0]])
    assert rowwise_iou(a, b).tolist() == [1, 1 / 3, 0, 0]


def test_images_can_be_shown_again_in_any_order_and_empty_ones_between():
    boxes = Boxes.of([[thing(1), thing(2)], [], [thing(3)]], LABELS)
    shown = boxes.take_images(np.array([2, -1, 0, 1, 2]))
    assert shown.image.tolist() == [0, 2, 2, 4]
    assert shown.xywh[:, 0].tolist() == [3, 1, 2, 3]


def test_the_detection_of_highest_score_chooses_first_and_takes_the_nearest():
    real = Boxes.of([[thing(0), thing(4)]], LABELS)
    detected = Boxes.of([[thing(1, score=0.8), thing(2, score=0.9), thing(3, score=0.7)]], LABELS)
    # 0.9 at 2 rowwise_iou both equally, and takes the last of equals, as COCOeval does
    assert match(detected, real, 0.5).tolist() == [0, 1, NO_MATCH]


def test_labels_and_images_are_kept_apart():
    real = Boxes.of([[thing(0, label="label")], [thing(0)]], LABELS)
    detected = Boxes.of([[thing(0, score=0.9)], [thing(0, label="label", score=0.9)]], LABELS)
    assert match(detected, real, 0.5).tolist() == [NO_MATCH, NO_MATCH]


def test_an_overlap_of_one_can_be_asked_for():
    boxes = Boxes.of([[thing(0.1, 0.2, 0.3, 0.7)]], LABELS)
    assert match(boxes, boxes, 1.0).tolist() == [0]


@pytest.mark.parametrize(
    ("score", "right", "truths", "ap"),
    [
        # one of one, at once
        ([0.9], [True], 1, 1.0),
        # behind a wrong one: precision 1/2 at every recall
        ([0.9, 0.8], [False, True], 1, 0.5),
        # half of the truth: precision 1 at the recalls 0.00 to 0.50, 51 of 101 points
        ([0.9], [True], 2, 51 / 101),
        # right, wrong, right: precision 1 up to recall 1/2, then 2/3 for the other 50 points
        ([0.9, 0.8, 0.7], [True, False, True], 2, (51 + 50 * 2 / 3) / 101),
        # a precision that rises later counts for the recalls before it
        ([0.9, 0.8, 0.7], [False, True, True], 2, 2 / 3),
        ([], [], 3, 0.0),
    ],
)
def test_average_precision_of_cases_worked_out_by_hand(score, right, truths, ap):
    assert interpolated_ap(np.array(score), np.array(right, dtype=bool), truths) == (
        pytest.approx(ap, abs=1e-12)
    )


def test_without_anything_to_find_there_is_no_average_precision():
    assert np.isnan(interpolated_ap(np.array([0.9]), np.array([False]), 0))


@given(scenes, thresholds)
def test_one_matching_serves_every_score_threshold(scene, iou):
    detected, real = boxes_of(scene)
    at_once = MatchedDetections(detected, real, LABELS, iou)
    for threshold in (0.0, 0.25, 0.5, 0.55, 0.9, 1.0):
        reaching = [([d for d in ds if d["score"] >= threshold], ts) for ds, ts in scene]
        again = MatchedDetections(*boxes_of(reaching), LABELS, iou)
        for label in (*LABELS, "all"):
            assert at_once.counts(threshold, label) == again.counts(0.0, label)
        np.testing.assert_array_equal(at_once.ap(threshold), again.ap())
        for one, other in zip(
            at_once.by_image(len(scene), threshold), again.by_image(len(scene)), strict=True
        ):
            assert one.tolist() == other.tolist()


def slow_match(detected, real, iou):
    """The rule of COCOeval's evaluateImg, one image and label at a time."""
    found = [NO_MATCH] * len(detected)
    taken = set()
    for d in sorted(range(len(detected)), key=lambda d: -detected.score[d]):
        best, most = NO_MATCH, min(iou, 1 - 1e-10)
        for t in range(len(real)):
            same = real.image[t] == detected.image[d] and real.label[t] == detected.label[d]
            overlap = rowwise_iou(detected.xywh[[d]], real.xywh[[t]])[0]
            if same and t not in taken and overlap >= most:
                best, most = t, overlap
        if best != NO_MATCH:
            taken.add(best)
            found[d] = best
    return found


@given(scenes, thresholds)
def test_matching_is_that_of_the_plain_loops(scene, iou):
    detected, real = boxes_of(scene)
    assert match(detected, real, iou).tolist() == slow_match(detected, real, iou)


@given(scenes, thresholds)
def test_recall_never_falls_with_the_threshold_and_averages_are_shares(scene, iou):
    matched = MatchedDetections(*boxes_of(scene), LABELS, iou)
    for low, high in itertools.pairwise((0.0, 0.2, 0.5, 0.8, 1.0)):
        more, less = matched.counts(low), matched.counts(high)
        assert more.tp >= less.tp
        assert more.fn <= less.fn
        assert more.tp + more.fn == less.tp + less.fn == len(matched.real)
    each = matched.ap()
    assert np.all(np.isnan(each) | ((each >= 0) & (each <= 1)))


@given(scenes)
def test_detections_that_are_the_truth_have_an_average_precision_of_one(scene):
    real = boxes_of(scene)[1]
    right = match(real, real, 0.5) != NO_MATCH
    each = ap_by_label(real, real, right, len(LABELS))
    assert np.all(np.isnan(each) | (each == 1))


@given(scenes, thresholds)
def test_equals_are_matched_alike_from_both_sides(scene, iou):
    a, b = boxes_of(scene)
    there, back = match_symmetric(a, b, iou), match_symmetric(b, a, iou)
    pairs = {(one, other) for one, other in enumerate(there.tolist()) if other != NO_MATCH}
    assert pairs == {(other, one) for one, other in enumerate(back.tolist()) if other != NO_MATCH}


@given(scenes)
def test_the_curve_ends_where_all_detections_count(scene):
    matched = MatchedDetections(*boxes_of(scene), LABELS, 0.5)
    for label in LABELS:
        score, precision, recall = matched.curve(label)
        assert np.all(np.diff(score) < 0)
        for at, p, r in zip(score, precision, recall, strict=True):
            counts = matched.counts(at, label)
            assert (counts.precision, counts.recall) == pytest.approx((p, r), nan_ok=True)


def coco_ap(scene, labels, iou):
    """Return each label's AP by pycocotools itself, NaN where it says -1."""
    pytest.importorskip("pycocotools")
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    numbers = {label: number for number, label in enumerate(labels, 1)}

    def rows(side):
        return [
            {
                "id": 0,
                "image_id": image,
                "category_id": numbers[thing["label"]],
                "bbox": [thing[side] for side in ("x", "y", "width", "height")],
                "area": thing["width"] * thing["height"],
                "iscrowd": 0,
                "score": thing.get("score", 1.0),
            }
            for image, things in enumerate(sides[side] for sides in scene)
            for thing in things
            if thing["label"] in numbers
        ]

    with contextlib.redirect_stdout(io.StringIO()):
        tables = []
        for side in (1, 0):
            coco = COCO()
            annotations = [{**row, "id": number} for number, row in enumerate(rows(side), 1)]
            coco.dataset = {
                "images": [{"id": image} for image in range(len(scene))],
                "categories": [{"id": number, "name": label} for label, number in numbers.items()],
                "annotations": annotations,
            }
            coco.createIndex()
            tables.append(coco)
        judge = COCOeval(*tables, "bbox")
        judge.params.iouThrs = np.array([iou])
        judge.params.areaRng, judge.params.areaRngLbl = [[0, 1e10]], ["all"]
        judge.params.maxDets = [100_000]
        judge.evaluate()
        judge.accumulate()
    # thresholds, recalls, labels, areas, limits of detections
    precision = judge.eval["precision"][0, :, :, 0, 0]
    return np.where(precision[0] < 0, np.nan, precision.mean(axis=0))


@given(scenes.filter(bool), st.sampled_from((0.5, 0.75)))
def test_the_averages_are_those_of_pycocotools(scene, iou):
    ours = MatchedDetections(*boxes_of(scene), LABELS, iou).ap()
    np.testing.assert_allclose(ours, coco_ap(scene, LABELS, iou), atol=1e-12)


def test_the_averages_of_a_crowded_video_are_those_of_pycocotools():
    random = np.random.default_rng(5)
    truth = sample_truth("conveyor_fast")
    scene = []
    for objects in truth.frames:
        found = []
        for real in objects:
            for _ in range(random.integers(0, 3)):
                x, y = (real[side] + random.normal(0, 12) for side in ("x", "y"))
                label = real["label"] if random.random() < 0.9 else "plate"
                w, h = (real[side] * random.uniform(0.8, 1.2) for side in ("width", "height"))
                found.append(thing(x, y, w, h, label, round(random.random(), 2)))
        scene.append((found, objects))
    labels = ("label", "parcel")
    boxes = (Boxes.of([image[side] for image in scene], labels) for side in (0, 1))
    detected, real = boxes
    for iou in (0.5, 0.75, 0.95):
        ours = MatchedDetections(detected, real, labels, iou).ap()
        assert 0 < ours.min() < 1
        np.testing.assert_allclose(ours, coco_ap(scene, labels, iou), atol=1e-12)
