"""Threads by load, through a real server: which engine ran stands beside each answer."""

from itertools import pairwise

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from pictures import make_image

from streamlab.media import frames
from streamlab.models import elastic
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.testing import TestClient
from streamlab.workers.cores import CoreShares

PATH = "/ws/video/stream?pipeline_id=yolo&policy=lossless&detail=full"
JPEG = frames.encode(make_image())


@pytest.fixture
def client(monkeypatch):
    """A server on two cores, whose networks take them whether they pay or not."""
    monkeypatch.setattr(elastic, "WORTH_MS", 0.0)
    monkeypatch.setattr(elastic, "MOST_SHARE", float("inf"))
    monkeypatch.setattr(elastic, "TRY_EVERY", 1 << 30)
    client = TestClient(workers=2)
    client.service.pool.shares = CoreShares(2)
    with client:
        yield client


def ask(socket):
    socket.send_bytes(JPEG)
    answer = socket.receive_json()
    return answer["server"].get("threads", 1), answer


def wait_for_all_cores(socket):
    while ask(socket)[0] == 1:
        pass


def test_one_session_has_all_cores_and_two_have_one_each(client):
    with client.websocket_connect(PATH) as first:
        threads, alone = ask(first)
        assert threads == 1
        assert "spared" not in alone["server"]
        wait_for_all_cores(first)
        threads, wide = ask(first)
        assert threads == 2
        assert wide["result"] == alone["result"]
        with client.websocket_connect(PATH) as second:
            assert [ask(s)[0] for s in (second, first, second, first)] == [1] * 4
        # the second has gone, and after a while the first has the machine for itself again
        wait_for_all_cores(first)


@pytest.fixture
def slow_weights(tmp_path):
    """A network of another maker that takes longer than `WORTH_MS` on any processor."""
    channels, layers = (3, 48, 48, 48, 48, 6), []
    weights = []
    for number, (before, after) in enumerate(pairwise(channels)):
        kernel = np.full((after, before, 3, 3), 0.01, np.float32)
        weights.append(numpy_helper.from_array(kernel, f"w{number}"))
        names = [f"x{number}", f"w{number}"]
        layers.append(helper.make_node("Conv", names, [f"x{number + 1}"], pads=[1] * 4))
    last = f"x{len(weights)}"
    weights.append(numpy_helper.from_array(np.array([1, 1, 6]), "shape"))
    layers.append(helper.make_node("GlobalAveragePool", [last], ["mean"]))
    layers.append(helper.make_node("Reshape", ["mean", "shape"], ["rows"]))
    image = helper.make_tensor_value_info("x0", TensorProto.FLOAT, (1, 3, 256, 256))
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, (1, 1, 6))
    graph = helper.make_graph(layers, "slow", [image], [rows], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "slow.onnx")
    (tmp_path / "slow.json").write_text('{"names": ["thing"]}')
    return str(tmp_path / "slow.onnx")


def test_worker_processes_go_over_to_all_cores_and_back(slow_weights):
    params = {"weights": slow_weights, "device": "cpu"}
    pipelines = PipelineRegistry.load()
    pipelines.add(
        {"id": "slow", "nodes": [{"id": "detect", "tool": "yolo_detect", "params": params}]}
    )
    path = PATH.replace("=yolo&", "=slow&")
    client = TestClient(pipelines=pipelines, worker_kind="process", workers=2)
    client.service.pool.shares = CoreShares(2)
    with client, client.websocket_connect(path) as first:
        assert ask(first)[0] == 1
        wait_for_all_cores(first)  # at least the first frames after loading try it
        with client.websocket_connect(path) as second:
            assert [ask(s)[0] for s in (second, first, second, first)] == [1] * 4
