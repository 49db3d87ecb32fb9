"""What each task's output says, on tiny networks that always answer the same."""

from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from streamlab.errors import ToolUnavailableError
from streamlab.models.classifier import resize_and_crop
from streamlab.models.suppression import rotated_overlaps
from streamlab.tools.classify import ClassifyParams, YoloClassify
from streamlab.tools.detection import Classification
from streamlab.tools.yolo import YoloDetect, YoloParams

MODELS = Path(__file__).parents[1] / "tools" / "models"
BLANK = np.zeros((128, 192, 3), np.uint8)  # twice the size of the models' input


def loaded(name, tool=YoloDetect, params=YoloParams, **given):
    made = tool(msgspec.convert({"weights": str(MODELS / name), **given}, params))
    made.load()
    return made


def found(name, image=BLANK, **params):
    return loaded(name, **params).detect(image)


@pytest.mark.parametrize("name", ["segment.onnx", "segment_rows.onnx"])
def test_a_mask_is_told_by_the_rings_of_its_outline(name):
    vehicle, plate = found(name)
    assert (vehicle.label, plate.label) == ("vehicle", "plate")
    outer, _ = sorted(vehicle.contours, key=lambda ring: -np.ptp([x for x, _ in ring]))
    assert (np.min(outer, axis=0) >= [32, 32]).all()
    assert (np.max(outer, axis=0) <= [96, 64]).all()
    canvas = np.zeros((128, 192), np.uint8)
    cv2.fillPoly(canvas, [np.array(ring, np.int32) for ring in vehicle.contours], 1)
    assert canvas[36, 40] == 1
    assert canvas[48, 64] == 0  # the hole, in the middle of the prototypes 7 and 8
    assert len(plate.contours) == 1


def test_a_thing_with_an_empty_mask_is_no_detection():
    assert [d.label for d in found("raw.onnx")] == ["vehicle", "plate", "plate"]
    assert [d.label for d in found("segment.onnx")] == ["vehicle", "plate"]


@pytest.mark.parametrize(
    ("name", "confidences"),
    [("pose.onnx", [0.9, 0.5, 0.1]), ("pose_rows.onnx", [0.9, 0.5, 0.1]),
     ("pose_places.onnx", [1, 1, 1])],
)  # fmt: skip
def test_keypoints_are_in_the_frame_with_their_confidence(name, confidences):
    vehicle = found(name)[0]
    assert [point[:2] for point in vehicle.keypoints] == [(32, 32), (64, 48), (96, 64)]
    assert [point[2] for point in vehicle.keypoints] == pytest.approx(confidences, abs=1e-3)


@pytest.mark.parametrize("name", ["obb.onnx", "obb_rows.onnx"])
def test_a_rotated_box_has_corners_and_an_upright_box_around_them(name):
    upright, turned = found(name)  # the copy of the first is suppressed, another class is not
    assert upright.corners == [(32, 32), (96, 32), (96, 64), (32, 64)]
    assert (upright.x, upright.y, upright.width, upright.height) == (32, 32, 64, 32)
    corners = np.array(turned.corners)
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    np.testing.assert_allclose(sides, [64, 32, 64, 32], atol=0.2)
    assert np.degrees(np.arctan2(*(corners[1] - corners[0])[::-1])) == pytest.approx(30, abs=0.2)
    np.testing.assert_allclose([turned.x, turned.y], corners.min(axis=0), atol=0.1)
    np.testing.assert_allclose([turned.width, turned.height], np.ptp(corners, axis=0), atol=0.2)
    assert len(found(name, iou_threshold=1.0)) == 3


def test_overlaps_of_rotated_boxes_are_of_the_whole_box():
    box = [50, 50, 40, 20, 0.3]
    boxes = np.array([box, box, [50, 50, 20, 40, 0.3 + np.pi / 2], [300, 50, 40, 20, 0.3]])
    overlaps = rotated_overlaps(boxes)
    np.testing.assert_allclose(overlaps, overlaps.T, atol=1e-9)
    np.testing.assert_allclose(overlaps[0, :3], 1, atol=1e-3)
    assert overlaps[0, 3] < 0.01


def test_absent_fields_are_absent():
    [vehicle, *_] = found("raw.onnx")
    assert set(msgspec.to_builtins(vehicle)) == {"x", "y", "width", "height", "label", "score"}
    assert "corners" in msgspec.to_builtins(found("obb.onnx")[0])


def test_classes_come_surest_first():
    tool = loaded("classify.onnx", YoloClassify, ClassifyParams)
    assert tool.open()({"image": BLANK}) == {
        "classes": [Classification("plate", 0.75), Classification("vehicle", 0.25)]
    }
    one = loaded("classify.onnx", YoloClassify, ClassifyParams, top=1)
    assert [c.label for c in one.open()({"image": BLANK})["classes"]] == ["plate"]


def test_a_classifier_sees_the_middle_of_the_frame():
    image = np.zeros((100, 300, 3), np.uint8)
    image[:, 100:200] = (255, 0, 0)  # blue
    seen = resize_and_crop(image, 50, 50)
    assert seen.shape == (50, 50, 3)
    assert (seen[25, 5:45] == (0, 0, 255)).all()
    assert resize_and_crop(image, 50, 80).shape == (50, 80, 3)


@pytest.mark.parametrize("name", ["six_rows.onnx", "six_columns.onnx"])
def test_outputs_of_either_form_are_told_apart_by_what_the_file_says(name):
    assert [d.label for d in found(name)] == ["vehicle", "plate", "plate"]


@pytest.mark.parametrize(
    ("name", "tool", "params", "words"),
    [
        ("classify.onnx", YoloDetect, YoloParams,
         "a model for the task 'classify', which 'yolo_classify' runs; "
         "'yolo_detect' runs detect, segment, pose, obb"),
        ("pose.onnx", YoloClassify, ClassifyParams,
         "a model for the task 'pose', which 'yolo_detect' runs; 'yolo_classify' runs classify"),
        ("depth.onnx", YoloDetect, YoloParams, "the task 'depth', which no tool runs"),
        ("segment_alone.onnx", YoloDetect, YoloParams, "needs prototypes"),
    ],
)  # fmt: skip
def test_a_model_that_a_tool_cannot_run_is_refused_in_one_sentence(name, tool, params, words):
    with pytest.raises(ToolUnavailableError, match=words) as caught:
        loaded(name, tool, params)
    assert "\n" not in str(caught.value)
