"""Worker processes: what a death costs, and whom."""

import os
import signal

import psutil
import pytest

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
        psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
        answers = [ask(socket, jpeg) for _ in range(3)]
    assert [answer["frame_index"] for answer in answers] == [1, 2, 3]


def test_stopping_the_server_ends_its_workers(jpeg):
    with TestClient(worker_kind="process", workers=2) as client:
        with client.websocket_connect(NOOP) as socket:
            ask(socket, jpeg)
        pids = [worker.pid for worker in client.service.pool.workers if worker.pid]
        assert pids
    assert not any(psutil.pid_exists(pid) for pid in pids)
