"""Which device a network runs on, and what is said of one that is not here."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from streamlab.errors import SettingError, ToolUnavailableError
from streamlab.media.samples import sample_path
from streamlab.media.video import read_frames
from streamlab.models import devices, engines
from streamlab.models.devices import choose_device, installed_devices
from streamlab.settings import DEVICES, Settings
from streamlab.testing import TestClient
from streamlab.tools.params import DeviceName
from streamlab.tools.yolo import YoloDetect, YoloParams


def detect(image, **params):
    tool = YoloDetect(YoloParams(**params))
    tool.load()
    return tool.detector.network.device, tool.detect(image)


def test_the_devices_of_a_node_are_those_of_the_setting():
    assert get_args(DeviceName) == DEVICES


def test_auto_is_the_first_of_those_that_are_here(monkeypatch):
    assert "cpu" in installed_devices()
    assert choose_device("auto") == choose_device() == installed_devices()[0]
    here = {"coreml", "openvino", "cpu"}
    monkeypatch.setattr(devices, "_is_installed", here.__contains__)
    assert installed_devices() == ["openvino", "cpu", "coreml"]
    assert choose_device() == "openvino"
    here.add("cuda")
    assert choose_device() == "cuda"
    assert choose_device("coreml") == "coreml"


def test_a_node_goes_before_the_setting(monkeypatch):
    monkeypatch.setenv("STREAM_DEVICE", "cuda")
    assert choose_device("cpu") == "cpu"
    with pytest.raises(ToolUnavailableError, match="STREAM_DEVICE=cuda is not here: it needs an"):
        choose_device()
    monkeypatch.setenv("STREAM_DEVICE", "abacus")
    with pytest.raises(SettingError, match="one of auto, cpu, openvino"):
        choose_device()


def test_a_device_that_is_asked_for_by_name_and_is_not_here_fails_in_one_sentence():
    missing = next(name for name in ("directml", "cuda") if name not in installed_devices())
    with pytest.raises(ToolUnavailableError, match=f"device '{missing}' is not here") as caught:
        detect(np.zeros((48, 64, 3), np.uint8), device=missing)
    assert "here are " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_the_best_device_cannot_run_runs_on_the_cpu_and_is_told(monkeypatch, caplog):
    def refuse(path, threads):
        raise ToolUnavailableError(f"{path}: OpenVINO cannot run it: no")

    monkeypatch.setattr(devices, "_is_installed", {"openvino", "cpu"}.__contains__)
    monkeypatch.setattr(engines, "OpenvinoEngine", refuse)
    assert detect(np.zeros((48, 64, 3), np.uint8))[0] == "cpu"
    assert "OpenVINO cannot run it: no; it runs on cpu" in caplog.text
    with pytest.raises(ToolUnavailableError, match="cannot run it"):
        detect(np.zeros((48, 64, 3), np.uint8), device="openvino")


def test_the_health_of_a_server_says_what_networks_run_on():
    with TestClient(Settings()) as client:
        assert client.get("/streamlab/health").json()["device"] == installed_devices()[0]


def test_a_server_does_not_start_with_a_device_that_is_not_here(monkeypatch):
    monkeypatch.setenv("STREAM_DEVICE", "")  # the server writes it, and this puts it back
    missing = next(name for name in ("directml", "cuda") if name not in installed_devices())
    with pytest.raises(ToolUnavailableError, match=f"STREAM_DEVICE={missing} is not here"):
        TestClient(Settings(device=missing)).__enter__()


@pytest.mark.parametrize(
    ("weights", "clip"), [("gate_conveyor", "gate_easy"), ("everyday", "photographs")]
)
def test_openvino_finds_what_the_cpu_finds(weights, clip):
    pytest.importorskip("openvino", reason="needs jupyter-streamlab[openvino]")
    total = 0
    for index, frame in enumerate(read_frames(sample_path(clip))):
        if index % 40:
            continue
        device, ours = detect(frame, weights=weights, device="openvino")
        assert device == "openvino"
        _, known = detect(frame, weights=weights, device="cpu")
        assert [d.label for d in ours] == [d.label for d in known]
        for d, k in zip(ours, known, strict=True):
            box, other = ([b.x, b.y, b.width, b.height] for b in (d, k))
            np.testing.assert_allclose(box, other, atol=0.5)
            assert d.score == pytest.approx(k.score, abs=0.005)
        total += len(ours)
    assert total > 5


@pytest.mark.parametrize("name", ["segment", "segment_rows", "pose", "obb", "half", "dynamic"])
def test_openvino_runs_models_of_every_form(name):
    pytest.importorskip("openvino", reason="needs jupyter-streamlab[openvino]")
    path = str(Path(__file__).parents[1] / "tools" / "models" / f"{name}.onnx")
    blank = np.zeros((128, 192, 3), np.uint8)
    found = [detect(blank, weights=path, device=d)[1] for d in ("cpu", "openvino")]
    assert found[0] == found[1]
