"""Worker processes: what a death costs, and whom."""

import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from streamlab.server.subprocess import ServerProcess
from streamlab.settings import Settings
from streamlab.testing import TestClient, WebSocketDisconnect

NOOP = "/ws/video/stream?pipeline_id=noop"


@pytest.fixture
def client():
    with TestClient(worker_kind="process", workers=1) as client:
        yield client


def worker_pid(client):
    [worker] = client.service.pool.workers
    return worker.pid


def ask(socket, jpeg):
    socket.send_bytes(jpeg)
    return socket.receive_json()


def test_a_worker_killed_in_mid_frame_costs_one_session_one_error(client, jpeg):
    with client.websocket_connect(NOOP) as victim, client.websocket_connect(NOOP) as other:
        assert ask(victim, jpeg)["frame_index"] == 0
        assert ask(other, jpeg)["frame_index"] == 0
        pid = worker_pid(client)
        os.kill(pid, signal.SIGSTOP)
        victim.send_bytes(jpeg)
        with client.websocket_connect("/ws/events?topic=sessions") as observer:
            while not observer.receive_json()["sessions"][0]["ledger"]["in_flight"]:
                pass
        os.kill(pid, signal.SIGKILL)
        message = victim.receive_json()
        assert message["error"] == "pipeline_failure"
        assert message["detail"].startswith("frame 1: the worker")
        with pytest.raises(WebSocketDisconnect) as caught:
            victim.receive_json()
        assert caught.value.code == 1011
        assert ask(other, jpeg) | {"timing": None} == {
            "frame_index": 1,
            "result": {},
            "timing": None,
        }
        assert worker_pid(client) != pid
    with client.websocket_connect(NOOP) as newcomer:
        assert ask(newcomer, jpeg)["frame_index"] == 0


def test_an_idle_workers_death_costs_nobody_anything(client, jpeg):
    with client.websocket_connect(NOOP) as socket:
        ask(socket, jpeg)
        pid = worker_pid(client)
        os.kill(pid, signal.SIGKILL)
        while worker_pid(client) == pid:  # until the server knows
            pass
        answers = [ask(socket, jpeg) for _ in range(3)]
    assert [answer["frame_index"] for answer in answers] == [1, 2, 3]


PLUGIN = '''
import os, signal
from streamlab.tools.tool import Tool

class Deadly(Tool):
    """Leaves a child behind that keeps its output open, and dies."""
    name = "deadly"
    reads = frozenset()
    produces = frozenset()
    def open(self):
        def step(values):
            if os.fork() == 0:
                open(os.environ["HOLD"]).read()  # until the test lets it go
                os._exit(0)
            os.kill(os.getpid(), signal.SIGKILL)
        return step

class Busy(Tool):
    """Says which process it is, and never ends."""
    name = "busy"
    reads = frozenset()
    produces = frozenset()
    def open(self):
        def step(values):
            while True:
                pass
        return step
'''


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """A folder with an installed package of tools, and pipelines of them."""
    (tmp_path / "plugin_of_tools.py").write_text(PLUGIN)
    info = tmp_path / "plugin_of_tools-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin-of-tools\nVersion: 1\n")
    points = "deadly = plugin_of_tools:Deadly\nbusy = plugin_of_tools:Busy\n"
    (info / "entry_points.txt").write_text("[streamlab.tools]\n" + points)
    for name in ("deadly", "busy"):
        definition = {"id": name, "nodes": [{"id": "node", "tool": name}]}
        (tmp_path / f"{name}.json").write_text(json.dumps(definition))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def test_a_server_ends_with_the_process_that_started_it():
    code = (
        "import os, sys\n"
        "from streamlab.server.subprocess import ServerProcess\n"
        "server = ServerProcess(['--workers', '1']).__enter__()\n"
        "print(server.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as starter:
        server = psutil.Process(int(starter.stdout.readline()))
    gone, _ = psutil.wait_procs([server], timeout=30)
    assert gone == [server]


@pytest.fixture
def hold(tmp_path, monkeypatch):
    """What children of `deadly` wait for; they end with the test."""
    path = tmp_path / "hold"
    os.mkfifo(path)
    monkeypatch.setenv("HOLD", str(path))
    yield
    with path.open("w"):
        pass


def test_a_death_is_noticed_although_a_child_keeps_the_output_open(plugin, hold, jpeg):
    settings = Settings(pipelines_dir=plugin)
    with (
        TestClient(settings, worker_kind="process") as client,
        client.websocket_connect("/ws/video/stream?pipeline_id=deadly") as victim,
        client.websocket_connect(NOOP) as other,
    ):
        victim.send_bytes(jpeg)
        message = victim.receive_json()
        assert message["error"] == "pipeline_failure"
        assert "exit code -9" in message["detail"]
        assert ask(other, jpeg)["frame_index"] == 0


def test_a_session_that_is_opening_is_not_ended_by_anothers_crash(plugin, hold, jpeg):
    with (
        TestClient(Settings(pipelines_dir=plugin), worker_kind="process") as client,
        client.websocket_connect("/ws/video/stream?pipeline_id=deadly") as victim,
    ):
        victim.send_bytes(jpeg)
        with client.websocket_connect(NOOP) as other:
            assert victim.receive_json()["error"] == "pipeline_failure"
            assert ask(other, jpeg)["frame_index"] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_worker_in_the_midst_of_a_frame_ends_with_its_server(plugin, jpeg):
    environment = {"STREAM_PIPELINES_DIR": str(plugin)}
    with ServerProcess(["--workers", "1"], environment) as server:
        headers = {"Authorization": f"Bearer {server.token}"}
        server.wait_until_warm()  # it tells its address before it has a worker
        [worker] = psutil.Process(server.pid).children()
        with (
            TestClient(base_url=server.base_url, headers=headers) as client,
            client.websocket_connect("/ws/video/stream?pipeline_id=busy") as socket,
        ):
            socket.send_bytes(jpeg)
            while not client.get("/streamlab/sessions").json()["sessions"][0]["ledger"][
                "in_flight"
            ]:
                pass
            os.kill(server.pid, signal.SIGKILL)
            with pytest.raises(WebSocketDisconnect):
                socket.receive_json()
        gone, _ = psutil.wait_procs([worker], timeout=30)
    assert gone == [worker]


def test_stopping_the_server_ends_its_workers(jpeg):
    with TestClient(worker_kind="process", workers=2) as client:
        with client.websocket_connect(NOOP) as socket:
            ask(socket, jpeg)
        pids = [worker.pid for worker in client.service.pool.workers if worker.pid]
        assert pids
    assert not any(psutil.pid_exists(pid) for pid in pids)
