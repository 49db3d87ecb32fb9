"""Models of every task over a real WebSocket, in a worker process: what a client is answered."""

from pathlib import Path

import numpy as np
import pytest

from streamlab.media import frames
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.settings import Settings
from streamlab.testing import TestClient

MODELS = Path(__file__).parents[1] / "tools" / "models"
FRAME = frames.encode(np.zeros((128, 192, 3), np.uint8))
NODES = {
    "segment": ("yolo_detect", "segment"),
    "pose": ("yolo_detect", "pose"),
    "obb": ("yolo_detect", "obb"),
    "classify": ("yolo_classify", "classify"),
    "wrong": ("yolo_detect", "classify"),
}


@pytest.fixture(scope="module")
def client():
    pipelines = PipelineRegistry.load()
    for pipeline_id, (tool, model) in NODES.items():
        params = {"weights": str(MODELS / f"{model}.onnx")}
        detect = {"id": "model", "tool": tool, "params": params}
        follow = [{"id": "track", "tool": "track"}] if tool == "yolo_detect" else []
        edges = [["model", "track"]] if follow else []
        pipelines.add({"id": pipeline_id, "nodes": [detect, *follow], "edges": edges})
    with TestClient(pipelines=pipelines, worker_kind="process", workers=1) as client:
        yield client


def answer(client, pipeline_id):
    with client.websocket_connect(f"/ws/video/stream?pipeline_id={pipeline_id}") as socket:
        socket.send_bytes(FRAME)
        return socket.receive_json()


@pytest.mark.parametrize(
    ("pipeline_id", "field"), [("segment", "contours"), ("pose", "keypoints"), ("obb", "corners")]
)
def test_geometry_goes_through_the_tracker_to_the_client(client, pipeline_id, field):
    [first, *_] = answer(client, pipeline_id)["result"]["detections"]
    assert first["track_id"] == 1
    assert first[field]
    assert {"contours", "keypoints", "corners"} & first.keys() == {field}


def test_classes_are_answered_in_place_of_detections(client):
    result = answer(client, "classify")["result"]
    assert result.keys() == {"classes"}
    assert result["classes"][0] == {"label": "plate", "score": 0.75}


def test_a_model_of_another_task_ends_the_session_with_a_sentence(client):
    with client.websocket_connect("/ws/video/stream?pipeline_id=wrong") as socket:
        socket.send_bytes(FRAME)
        told = socket.receive_json()
        while "error" not in told:  # the frame is answered first: it is dropped
            told = socket.receive_json()
    assert told["error"] == "pipeline_failure"
    assert "node 'model'" in told["detail"]
    assert "'yolo_classify' runs" in told["detail"]


@pytest.mark.parametrize("worker_kind", ["process", "thread"])
def test_the_weights_and_device_of_a_server_are_those_of_its_workers(monkeypatch, worker_kind):
    for variable in ("STREAM_YOLO_WEIGHTS", "STREAM_DEVICE"):
        monkeypatch.setenv(variable, "")  # the server writes them, and this puts them back
    settings = Settings(yolo_weights=str(MODELS / "pose.onnx"), device="cpu")
    with TestClient(settings, worker_kind=worker_kind) as client:
        assert client.get("/streamlab/health").json()["device"] == "cpu"
        assert answer(client, "yolo")["result"]["detections"][0]["keypoints"]
