"""Every task of Ultralytics' models, from `.pt` and exports, as Ultralytics itself predicts."""

from functools import cache
from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np
import pytest

from streamlab.tools.classify import ClassifyParams, YoloClassify
from streamlab.tools.yolo import YoloDetect, YoloParams

if find_spec("ultralytics") is None:
    pytest.skip("needs jupyter-streamlab[ultralytics]", allow_module_level=True)

from random_models import SIDE, build, pictures
from ultralytics import YOLO

SCORE = 0.25
SPECK_PX = 2
NEAR = 0.01
"""Scores within this of the threshold may be on either side of it."""

# yolov9's other model for segmentation has 110 MB.
DETECTORS = ["yolov8n", "yolov9t", "yolov10n", "yolo11n", "yolo12n", "yolo26n"]
FAMILIES = ["yolov8n", "yolo11n", "yolo12n", "yolo26n"]
MODELS = DETECTORS + [f"{f}-{task}" for task in ("seg", "pose", "obb") for f in FAMILIES]
NEWEST = ["yolo26n", "yolo26n-seg", "yolo26n-pose", "yolo26n-obb"]
NMS_FREE = ["yolov10n", *NEWEST]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return cache(lambda name: build(name, folder))


@pytest.fixture(scope="module")
def frames():
    return pictures(3)


def export(checkpoint, **options):
    copy = checkpoint.parent / f"{checkpoint.stem}-{'-'.join(options)}.pt"
    copy.write_bytes(checkpoint.read_bytes())
    YOLO(copy).export(format="onnx", imgsz=SIDE, verbose=False, **{"simplify": False, **options})
    return copy.with_suffix(".onnx")


def assert_same_as_ultralytics(path, frames, iou_threshold=0.7, **options):
    size: dict[str, Any] = {"image_size": SIDE} if path.suffix == ".pt" else {}
    tool = YoloDetect(
        YoloParams(str(path), SCORE, iou_threshold, max_detections=300, device="cpu", **size)
    )
    tool.load()
    task = tool.detector.task
    model = YOLO(path, task=task)
    total = 0
    for frame in frames:
        [result] = model.predict(
            frame, imgsz=SIDE, conf=SCORE, iou=0.7, max_det=300, verbose=False, **options
        )
        ours, theirs = tool.detect(frame), expectations(result, task)
        for d in ours:
            found = any(same(d, e, frame.shape) for e in theirs)
            assert found or d.score < SCORE + NEAR, f"not found by Ultralytics: {d}"
        for e in theirs:
            found = any(same(d, e, frame.shape) for d in ours)
            assert found or e["score"] < SCORE + NEAR, f"not found by us: {e}"
        total += len(ours)
    assert total >= 10


def expectations(result, task):
    boxes = result.obb if task == "obb" else result.boxes
    found = []
    for i in range(len(boxes)):
        corners = boxes.xyxyxyxy[i].numpy() if task == "obb" else None
        found.append(
            {
                "box": boxes.xyxy[i].numpy(),
                "score": float(boxes.conf[i]),
                "label": result.names[int(boxes.cls[i])],
                "corners": corners,
                "keypoints": result.keypoints.data[i].numpy() if task == "pose" else None,
                "mask": result.masks.data[i].numpy() if task == "segment" else None,
            }
        )
    # what lies in the padding alone is no detection here, and its upright box is cut at its border
    height, width = result.orig_shape
    for each in found:
        each["box"] = each["box"].clip(0, [width, height, width, height])
    found = [e for e in found if (e["box"][2:] - e["box"][:2] >= 0.5).all()]
    if task == "segment":
        found = [e for e in found if e["mask"][fit_of(e["mask"].shape, (height, width))[1]].any()]
    return found


def same(ours, theirs, shape):
    box = np.array([ours.x, ours.y, ours.x + ours.width, ours.y + ours.height])
    if ours.label != theirs["label"] or abs(ours.score - theirs["score"]) > NEAR:
        return False
    if np.abs(box - theirs["box"]).max() > 1:
        return False
    if theirs["corners"] is not None:
        apart = np.linalg.norm(np.array(ours.corners)[:, None] - theirs["corners"], axis=2)
        return apart.min(axis=0).max() <= 1 and apart.min(axis=1).max() <= 1
    if theirs["keypoints"] is not None:
        apart = np.abs(np.array(ours.keypoints) - theirs["keypoints"])
        return apart[:, :2].max() <= 1 and apart[:, 2].max() <= NEAR
    return theirs["mask"] is None or same_mask(ours.contours, theirs["mask"], shape)


def same_mask(contours, mask, shape):
    """Say whether the masks agree but for a pixel's width along their border.

    A mask of random weights has specks; two pixels of them may be elsewhere.
    """
    offset, inner, gain = fit_of(mask.shape, shape)
    rings = [np.round(np.array(ring) * gain + offset).astype(np.int32) for ring in contours]
    drawn = cv2.fillPoly(np.zeros_like(mask, np.uint8), rings, 1)[inner]
    expected = mask.astype(np.uint8)[inner]
    square = np.ones((3, 3), np.uint8)
    too_much = drawn & (1 - cv2.dilate(expected, square))
    missing = cv2.erode(expected, square) & (1 - drawn)
    return np.count_nonzero(too_much) + np.count_nonzero(missing) <= SPECK_PX


def fit_of(mask_shape, frame_shape):
    """Return where the frame lies in the input: its offset, its part of it, and the scale."""
    gain = min(mask_shape[0] / frame_shape[0], mask_shape[1] / frame_shape[1])
    height, width = round(frame_shape[0] * gain), round(frame_shape[1] * gain)
    left = round((mask_shape[1] - width) / 2 - 0.1)
    top = round((mask_shape[0] - height) / 2 - 0.1)
    return np.array([left, top]), np.s_[top : top + height, left : left + width], gain


@pytest.mark.parametrize("name", MODELS)
def test_exports_with_a_raw_head(name, checkpoint, frames):
    assert_same_as_ultralytics(export(checkpoint(name)), frames)


@pytest.mark.parametrize("name", NMS_FREE)
def test_exports_with_an_nms_free_head(name, checkpoint, frames):
    assert_same_as_ultralytics(export(checkpoint(name), nms=False), frames, iou_threshold=1.0)


@pytest.mark.parametrize("name", ["yolov8n", "yolo11n-seg", "yolo11n-pose", "yolo11n-obb"])
def test_exports_with_nms_built_in(name, checkpoint, frames):
    assert_same_as_ultralytics(export(checkpoint(name), nms=True), frames, iou_threshold=1.0)


@pytest.mark.parametrize("name", NEWEST)
def test_exports_of_a_dynamic_size(name, checkpoint, frames):
    assert_same_as_ultralytics(export(checkpoint(name), dynamic=True), frames)


@pytest.mark.parametrize("name", ["yolov8n", "yolov8n-seg", "yolo26n-pose", "yolo26n-obb"])
def test_exports_in_half_precision(name, checkpoint, frames):
    assert_same_as_ultralytics(export(checkpoint(name), half=True), frames)


@pytest.mark.parametrize("name", ["yolov8n", "yolo11n-seg", "yolo11n-pose", "yolo11n-obb"])
def test_checkpoints(name, checkpoint, frames):
    assert_same_as_ultralytics(checkpoint(name), frames)


@pytest.mark.parametrize("name", NMS_FREE)
def test_checkpoints_with_an_nms_free_head(name, checkpoint, frames):
    assert_same_as_ultralytics(checkpoint(name), frames, iou_threshold=1.0, nms=False)


@pytest.mark.parametrize("family", FAMILIES)
def test_classification(family, checkpoint, frames):
    pt = checkpoint(f"{family}-cls")
    for path in (pt, export(pt), export(pt, half=True), export(pt, dynamic=True)):
        size = {} if path.suffix == ".onnx" else {"image_size": SIDE}
        tool = YoloClassify(ClassifyParams(str(path), device="cpu", **size))
        tool.load()
        step, model = tool.open(), YOLO(path, task="classify")
        for frame in frames:
            [result] = model.predict(frame, imgsz=SIDE, verbose=False)
            expected = {result.names[i]: float(p) for i, p in enumerate(result.probs.data)}
            classes = step({"image": frame})["classes"]
            assert {c.label: c.score for c in classes} == pytest.approx(expected, abs=NEAR)
            assert classes == sorted(classes, key=lambda c: -c.score)
            assert classes[0].score > 0.25
