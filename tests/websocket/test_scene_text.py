"""The pipeline `scene_text` where its extra is missing, and where it is not, in each host."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from streamlab.media.frames import encode
from streamlab.testing import WebSocketDisconnect

PATH = "/ws/video/stream?policy=lossless&pipeline_id="
FRAME = encode(np.full((120, 160, 3), 128, np.uint8))
NEEDED = 'text in the wild needs `pip install "jupyter-streamlab[scenetext]"`'

is_installed = importlib.util.find_spec("rapidocr") is not None
with_extra = pytest.mark.skipif(not is_installed, reason="needs jupyter-streamlab[scenetext]")
without_extra = pytest.mark.skipif(is_installed, reason="rapidocr is installed")


def missing(client):
    described = client.get("/streamlab/pipelines").json()["pipelines"]
    return {pipeline["id"]: pipeline["missing"] for pipeline in described}


def printed():
    command = [sys.executable, "-m", "streamlab.cli", "pipelines"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    [block] = [b for b in done.stdout.split("\n\n") if b.startswith("scene_text:")]
    return block


@without_extra
def test_without_the_extra_it_is_listed_with_what_to_install(client):
    assert {id_: told for id_, told in missing(client).items() if told} == {"scene_text": [NEEDED]}
    assert f"cannot run here: {NEEDED}" in printed()


@without_extra
def test_without_the_extra_choosing_it_says_what_to_install_and_breaks_nothing(client):
    with client.websocket_connect(f"{PATH}scene_text") as socket:
        told = socket.receive_json()
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert told["error"] == "pipeline_failure"
    assert NEEDED in told["detail"]
    assert closed.value.code == 1011
    with client.websocket_connect(f"{PATH}yolo") as socket:
        socket.send_bytes(FRAME)
        assert socket.receive_json()["result"] == {"detections": []}


@with_extra
def test_with_the_extra_nothing_is_missing_and_it_runs(client):
    assert not any(missing(client).values())
    assert "cannot run" not in printed()
    with client.websocket_connect(f"{PATH}scene_text") as socket:
        socket.send_bytes(FRAME)
        assert socket.receive_json()["result"] == {"detections": [], "text": ""}
