"""Models of other makers, with a file beside them that says how they are used."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from streamlab.errors import ToolUnavailableError
from streamlab.models.description import InputForm
from streamlab.models.letterbox import Letterbox
from streamlab.models.network import InputSize
from streamlab.tools.yolo import YoloDetect, YoloParams

MODELS = Path(__file__).parents[1] / "tools" / "models"
BLANK = np.zeros((128, 192, 3), np.uint8)


def found(path, **params):
    tool = YoloDetect(YoloParams(str(path), **params))
    tool.load()
    return tool.detect(BLANK)


@pytest.mark.parametrize("name", ["yolov5.onnx", "rows_first.onnx", "detr.onnx"])
def test_a_described_model_finds_what_an_ultralytics_model_finds(name):
    ours, known = found(MODELS / name), found(MODELS / "raw.onnx")
    assert [d.label for d in ours] == [d.label for d in known]
    for d, k in zip(ours, known, strict=True):
        assert (d.x, d.y, d.width, d.height) == (k.x, k.y, k.width, k.height)
        assert d.score == pytest.approx(k.score, abs=1e-3)


def test_the_labels_of_a_described_model_are_known_without_loading_it():
    assert YoloDetect.labels(YoloParams(str(MODELS / "detr.onnx"))) == ("vehicle", "plate")
    assert YoloDetect.labels(YoloParams(str(MODELS / "foreign.onnx"))) is None
    assert YoloDetect.labels(YoloParams(str(MODELS / "raw.onnx"))) == ("vehicle", "plate")


def test_softmax_logits_have_a_last_class_that_means_nothing(tmp_path):
    shutil.copy(MODELS / "detr.onnx", tmp_path / "m.onnx")
    output = {"layout": "detr", "boxes": "pred_boxes", "logits": "logits", "scores": "softmax"}
    (tmp_path / "m.json").write_text(json.dumps({"names": ["thing"], "output": output}))
    assert {d.label for d in found(tmp_path / "m.onnx")} == {"thing"}


@pytest.mark.parametrize(
    ("name", "description", "words"),
    [
        ("foreign.onnx", None, r"m\.json is needed beside it.*images float .*output0 float"),
        ("foreign.onnx", "{", "not JSON"),
        ("foreign.onnx", {}, "missing required field `names`"),
        ("foreign.onnx", {"names": []}, "length >= 1"),
        ("foreign.onnx", {"names": {"1": "a"}}, "class indices 0 to 0"),
        ("foreign.onnx", {"names": {"x": "a"}}, "a whole number"),
        ("foreign.onnx", {"names": ["a"], "colour": 1}, "unknown field `colour`"),
        ("foreign.onnx", {"names": ["a"], "output": {"layout": "yolox"}}, "Invalid enum value"),
        ("foreign.onnx", {"names": ["a"], "output": {"layout": "detr"}}, "boxes and logits"),
        ("foreign.onnx", {"names": ["a"], "input": {"std": [0, 1, 1]}}, "above 0"),
        ("yolov5.onnx", {"names": ["a"]}, r"output0 \(1, 12, 7\).*needs \(1, 5, N\) or"),
        ("yolov5.onnx", {"names": ["a"], "output": {"layout": "yolov5"}}, r"needs \(1, N, 6\)"),
        ("detr.onnx",
         {"names": ["a"] * 9, "output": {"layout": "detr", "boxes": "pred_boxes", "logits": "l"}},
         r"logits l \(1, N, 9\)"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_what_was_found(tmp_path, name, description, words):
    shutil.copy(MODELS / name, tmp_path / "m.onnx")
    if description is not None:
        text = description if isinstance(description, str) else json.dumps(description)
        (tmp_path / "m.json").write_text(text)
    with pytest.raises(ToolUnavailableError, match=words) as caught:
        found(tmp_path / "m.onnx")
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_the_input_is_made_as_the_description_says():
    image = np.full((20, 40, 3), (10, 20, 30), np.uint8)
    form = InputForm(
        layout="NHWC",
        channels="BGR",
        fit="top_left",
        padding=0,
        scale=1.0,
        mean=(1.0, 2.0, 3.0),
        std=(2.0, 2.0, 2.0),
    )
    tensor, fit = Letterbox(InputSize(40, 40, 32, trims=False), np.float32, form)(image)
    assert tensor.shape == (1, 40, 40, 3)
    np.testing.assert_allclose(tensor[0, 5, 5], [(10 - 1) / 2, (20 - 2) / 2, (30 - 3) / 2])
    np.testing.assert_allclose(tensor[0, 30, 5], [-0.5, -1, -1.5])
    assert fit.to_frame(np.array([[0.0, 0, 40, 20]])).tolist() == [[0, 0, 40, 20]]
    stretched = InputForm(fit="stretch")
    tensor, fit = Letterbox(InputSize(40, 40, 32, trims=False), np.float32, stretched)(image)
    np.testing.assert_allclose(tensor[0, :, 39, 39], np.array([30, 20, 10]) / 255, rtol=1e-6)
    assert fit.to_frame(np.array([[0.0, 0, 40, 40]])).tolist() == [[0, 0, 40, 20]]
