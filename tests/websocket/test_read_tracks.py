"""Texts on tracked things of any label, through a real server."""

import importlib.util
import json

import cv2
import numpy as np
import pytest

from streamlab.media.frames import encode
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.settings import Settings
from streamlab.testing import TestClient
from streamlab.tools.detection import Detection
from streamlab.tools.registry import ToolRegistry
from streamlab.tools.tool import Tool

PATH = "/ws/video/stream?policy=lossless&pipeline_id="
EDGES = [["detect", "track"], ["track", "read"]]
SIGN = Detection(150, 190, 330, 62, label="sign", score=0.95)

needs_rapidocr = pytest.mark.skipif(
    importlib.util.find_spec("rapidocr") is None, reason="needs jupyter-streamlab[scenetext]"
)


def pipeline(name, detect, **params):
    nodes = [
        {"id": "detect", **detect},
        {"id": "track", "tool": "track"},
        {"id": "read", "tool": "read_tracks", "params": {"labels": None, **params}},
    ]
    return {"id": name, "nodes": nodes, "edges": EDGES}


class FindSign(Tool):
    """Finds the one sign that there is."""

    name = "find_sign"
    reads = frozenset({"image"})
    produces = frozenset({"detections"})

    def open(self):
        return lambda values: {"detections": [SIGN]}


def picture(text):
    image = np.full((480, 640, 3), 90, np.uint8)
    left, top = int(SIGN.x), int(SIGN.y)
    right, bottom = left + int(SIGN.width), top + int(SIGN.height)
    cv2.rectangle(image, (left, top), (right, bottom), (60, 200, 240), -1)
    at = (left + 24, bottom - 20)
    cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, 1.3, (20, 20, 20), 3, cv2.LINE_AA)
    return encode(image)


def test_a_sign_is_read_with_its_small_letters():
    tools = ToolRegistry()
    tools.register(FindSign)
    pipelines = PipelineRegistry.load(tools=tools)
    pipelines.add(pipeline("signs", {"tool": "find_sign"}))
    frame = picture("Car Parks 2")
    with (
        TestClient(pipelines=pipelines) as client,
        client.websocket_connect(f"{PATH}signs") as socket,
    ):
        for _ in range(12):
            socket.send_bytes(frame)
            result = socket.receive_json()["result"]
    assert result["text"] == "Car Parks 2"
    [found] = result["detections"]
    assert (found["label"], found["text"]) == ("sign", "Car Parks 2")


@pytest.fixture
def everyday_texts(tmp_path):
    detect = {"tool": "yolo_detect", "params": {"weights": "everyday"}}
    file = tmp_path / "everyday_texts.json"
    file.write_text(json.dumps(pipeline("everyday_texts", detect, engine="rapidocr")))
    return Settings.from_environment({"STREAM_PIPELINES_DIR": str(tmp_path)})


def stop_sign():
    image = np.full((480, 640, 3), (200, 170, 120), np.uint8)
    image[300:] = (70, 90, 80)
    cv2.rectangle(image, (312, 300), (328, 480), (150, 150, 150), -1)
    for radius, colour in ((130, (245, 245, 245)), (120, (30, 20, 190))):
        angles = np.deg2rad(np.arange(8) * 45 + 22.5)
        corners = np.stack([320 + radius * np.cos(angles), 190 + radius * np.sin(angles)], 1)
        cv2.fillPoly(image, [corners.astype(int)], colour, cv2.LINE_AA)
    cv2.putText(image, "STOP", (217, 222), cv2.FONT_HERSHEY_SIMPLEX, 2.9, (245, 245, 245), 14)
    return image


@needs_rapidocr
def test_a_pipeline_file_of_everyday_tracks_and_reads_whatever_carries_text(everyday_texts):
    frame = encode(stop_sign())
    with (
        TestClient(everyday_texts) as client,
        client.websocket_connect(f"{PATH}everyday_texts") as socket,
    ):
        for _ in range(12):
            socket.send_bytes(frame)
            result = socket.receive_json()["result"]
    assert {d["label"] for d in result["detections"]} == {"stop sign"}
    assert result["text"] == "STOP"
