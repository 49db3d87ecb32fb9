from pathlib import Path

import msgspec
import numpy as np
import pytest

from streamlab.errors import ToolUnavailableError
from streamlab.models.weights import BUNDLED_WEIGHTS, WEIGHTS_VARIABLE, find_weights
from streamlab.tools.detection import Detection
from streamlab.tools.yolo import YoloDetect, YoloParams

MODELS = Path(__file__).parent / "models"
BLANK = np.zeros((128, 192, 3), np.uint8)  # twice the size of the models' input

VEHICLE = Detection(32.0, 32.0, 64.0, 32.0, label="vehicle", score=0.9)
SECOND_VEHICLE = Detection(34.0, 32.0, 64.0, 32.0, label="vehicle", score=0.8)
PLATE = Detection(34.0, 32.0, 64.0, 32.0, label="plate", score=0.7)
CUT_PLATE = Detection(160.0, 80.0, 32.0, 48.0, label="plate", score=0.3)


def loaded(name, **params):
    tool = YoloDetect(msgspec.convert({"weights": str(MODELS / name), **params}, YoloParams))
    tool.load()
    return tool


def detections(name, image=BLANK, **params):
    return loaded(name, **params).open()({"image": image})["detections"]


@pytest.mark.parametrize("name", ["raw.onnx", "dynamic.onnx", "end_to_end.onnx", "half.onnx"])
@pytest.mark.parametrize(
    ("iou_threshold", "expected"),
    [
        (0.7, [VEHICLE, PLATE, CUT_PLATE]),
        (1.0, [VEHICLE, SECOND_VEHICLE, PLATE, CUT_PLATE]),
    ],
)
def test_the_copies_of_a_box_go_and_classes_are_kept_apart(name, iou_threshold, expected):
    """Whatever the head: one that needs no NMS leaves copies, too."""
    found = detections(name, iou_threshold=iou_threshold)
    assert len(found) == len(expected)
    for d, e in zip(found, expected, strict=True):
        assert (d.label, d.x, d.y, d.width, d.height) == (e.label, e.x, e.y, e.width, e.height)
        assert d.score == pytest.approx(e.score, abs=1e-3)


def test_boxes_are_clipped_to_the_frame_and_dropped_outside_it():
    assert CUT_PLATE in detections("end_to_end.onnx")
    # In a frame this narrow, most of the input is padding, and so is where the last box lies.
    narrow = np.zeros((64, 32, 3), np.uint8)
    assert len(detections("end_to_end.onnx", narrow, iou_threshold=1.0)) == 3


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"score_threshold": 0.75}, 2),
        ({"score_threshold": 0.95}, 0),
        ({"max_detections": 1}, 1),
        ({"labels": ["plate"]}, 2),
        ({"labels": ["plate"], "max_detections": 1}, 1),
    ],
)
@pytest.mark.parametrize("name", ["end_to_end.onnx", "raw.onnx"])
def test_params_limit_what_is_returned(name, params, expected):
    assert len(detections(name, iou_threshold=1.0, **params)) == expected


def test_a_dynamic_model_runs_at_the_size_asked_for_and_maps_its_boxes_back():
    assert loaded("dynamic.onnx", image_size=[100, 200]).detector.network.size[:2] == (128, 224)
    # The models' answers are in pixels of the input, so twice the input halves the boxes.
    [vehicle, *_] = detections("dynamic.onnx", image_size=[128, 192])
    assert (vehicle.x, vehicle.y, vehicle.width, vehicle.height) == (16, 16, 32, 16)


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("foreign.onnx", {}, "not exported by Ultralytics"),
        ("raw.onnx", {"image_size": 128}, "exported for 64x96 alone"),
        ("raw.onnx", {"labels": ["dog"]}, "has no labels .*; it has vehicle, plate"),
        ("missing.onnx", {}, "no such file"),
    ],
)
def test_weights_that_do_not_fit_are_refused_in_one_line(name, params, message):
    with pytest.raises(ToolUnavailableError, match=message) as caught:
        loaded(name, **params)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.onnx", b"", "the file is empty"),
        ("noise.onnx", b"\x80\xff\x00 no model" * 50, "not a usable ONNX file"),
        ("lfs.onnx", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        ("weights.txt", b"1", r"end in \.onnx or \.pt"),
    ],
)
def test_files_that_hold_no_weights_are_refused_in_one_line(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ToolUnavailableError, match=message) as caught:
        loaded(str(path))
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_pt_weights_without_the_extra_say_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ultralytics", None)
    path = tmp_path / "weights.pt"
    path.write_bytes(b"PK")
    extra = r'pip install "jupyter-streamlab\[ultralytics\]"'
    with pytest.raises(ToolUnavailableError, match=extra):
        loaded(str(path))


def test_weights_come_from_the_params_then_the_environment_then_the_package(monkeypatch):
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(MODELS / "raw.onnx"))
    assert find_weights(str(MODELS / "half.onnx")).name == "half.onnx"
    assert find_weights(None).name == "raw.onnx"
    monkeypatch.setenv(WEIGHTS_VARIABLE, "")
    assert find_weights(None) == BUNDLED_WEIGHTS
