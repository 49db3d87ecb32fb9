"""The hosts that the protocol is the same on."""

import json

import pytest
from gate import Gate
from hosts import jupyter_host

from streamlab.settings import Settings
from streamlab.testing import TestClient

CROWD = {"score_threshold": 0.0, "iou_threshold": 1.0, "max_detections": 1000}
PIPELINES = [
    # a pipeline whose tool cannot be loaded, and one whose answers are some 25 kB each
    {
        "id": "unloadable",
        "nodes": [{"id": "a", "tool": "yolo_detect", "params": {"weights": "gone.onnx"}}],
    },
    {"id": "crowd", "nodes": [{"id": "find", "tool": "yolo_detect", "params": CROWD}]},
]


def standalone_host(environment):
    return TestClient(
        Settings.from_environment(environment),
        worker_kind="process",
        token="a-token",
        headers={"Authorization": "Bearer a-token"},
    )


@pytest.fixture(scope="package", params=["standalone", "jupyter"])
def host(request):
    """Start a server in each host, given its `STREAM_*` settings; to be entered with `with`."""
    if request.param == "standalone":
        return standalone_host
    return lambda environment: jupyter_host(environment=environment)


@pytest.fixture(scope="package")
def client(host, tmp_path_factory):
    """A client of a server with process workers, in each host."""
    folder = tmp_path_factory.mktemp("pipelines")
    for definition in PIPELINES:
        (folder / f"{definition['id']}.json").write_text(json.dumps(definition))
    with host({"STREAM_PIPELINES_DIR": str(folder)}) as client:
        yield client


@pytest.fixture
def gate():
    """A tool that the test holds."""
    return Gate()


@pytest.fixture
def held(gate):
    """A client of a server whose pipeline `held` waits for the test."""
    with TestClient(pipelines=gate.pipelines) as client:
        yield client
        gate.let_through(1000)
