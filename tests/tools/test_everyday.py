"""The bundled detector of everyday things: names, sizes, where its weights come from, licences."""

from importlib.metadata import metadata
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest

from streamlab.models.weights import BUNDLED, WEIGHTS_VARIABLE, find_weights
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.tools.yolo import YoloDetect, YoloParams

PICTURES = Path(__file__).parents[2] / "training" / "photographs" / "pictures"
OTHER_WEIGHTS = Path(__file__).parent / "models" / "raw.onnx"


def nodes():
    return {node.id: node for node in PipelineRegistry.load()["everyday"].definition.nodes}


def loaded(**params):
    given = nodes()["detect"].params
    tool = YoloDetect(YoloParams(**{**given, **params}))
    tool.load()
    return tool


@pytest.fixture(scope="module")
def detector():
    return loaded()


def picture(name):
    return cv2.imread(str(PICTURES / f"{name}.jpg"))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("astronaut", "person"),
        ("camera", "person"),
        ("grace_hopper", "person"),
        ("chelsea", "cat"),
        ("coffee", "cup"),
    ],
)
def test_what_is_on_a_picture_has_its_name(detector, name, label):
    found = detector.detect(picture(name))
    assert label in [detection.label for detection in found]
    if label != "cup":
        assert found[0].label == label
        assert found[0].score > 0.55


def test_an_empty_picture_has_nothing_on_it(detector):
    assert detector.detect(np.full((480, 640, 3), 127, np.uint8)) == []


@pytest.mark.parametrize("shape", [(480, 640), (640, 480), (1080, 1920), (20, 640), (640, 20)])
def test_frames_of_any_shape_are_looked_at(detector, shape):
    """Also where the network has fewer cells than its output has rows."""
    image = cv2.resize(picture("astronaut"), shape[::-1])
    for detection in detector.detect(image):
        assert 0 <= detection.x <= detection.x + detection.width <= shape[1]
        assert 0 <= detection.y <= detection.y + detection.height <= shape[0]


def test_a_portrait_is_found_when_it_fills_a_corner_alone(detector):
    frame = np.full((480, 640, 3), 200, np.uint8)
    frame[240:, 400:] = cv2.resize(picture("astronaut"), (240, 240))
    best = detector.detect(frame)[0]
    assert best.label == "person"
    assert best.x > 390
    assert best.y > 230


def test_another_size_of_the_input_can_be_chosen():
    small, large = (loaded(image_size=side).detect(picture("camera")) for side in (256, 640))
    assert small[0].label == large[0].label == "person"
    assert small[0].score != large[0].score


def test_the_weights_of_the_environment_do_not_replace_those_of_everyday(monkeypatch):
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(OTHER_WEIGHTS))
    assert find_weights(nodes()["detect"].params["weights"]) == BUNDLED["everyday"]
    assert find_weights(None) == OTHER_WEIGHTS
    monkeypatch.setenv(WEIGHTS_VARIABLE, "everyday")
    assert find_weights(None) == BUNDLED["everyday"]


def test_what_others_made_comes_with_its_licences():
    weights = files("streamlab").joinpath("weights")
    notice = weights.joinpath("NOTICE").read_text(encoding="utf-8")
    for said in ("RangiLyu", "Apache License, Version 2.0", "Changes made here", "Vladimir Mandic"):
        assert said in notice
    licence = weights.joinpath("LICENSE-APACHE-2.0").read_text(encoding="utf-8")
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in licence
    named = metadata("jupyter-streamlab").get_all("License-File") or []
    assert {Path(file).name for file in named} == {"LICENSE", "LICENSE-APACHE-2.0", "NOTICE"}
    assert len(named) == 4
