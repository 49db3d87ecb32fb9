"""`streamlab serve` as a process: its token, its signals, and what it says of files."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from raw_websocket import BINARY, CLOSE, TEXT, RawWebSocket, frame

from streamlab.server.subprocess import ServerProcess
from streamlab.testing import TestClient

COMMAND = (sys.executable, "-m", "streamlab.cli")
SECRET = "the-secret-of-this-server"
HEALTH = "/streamlab/health"
ENDS_S = 60


class Serving(subprocess.Popen[str]):
    """The process of a server."""

    base_url = ""


@contextlib.contextmanager
def serving(*arguments, **environment):
    """Run `streamlab serve`; yields it once it has told its addresses."""
    process = Serving(
        [*COMMAND, "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment,
        start_new_session=True,
    )
    try:
        told = []
        for line in process.stdout:
            told.append(line)
            if "metrics" in line:
                break
        found = re.search(r"serves at (\S+)", "".join(told))
        assert found is not None
        process.base_url = found[1]
        yield process
    finally:
        process.kill()
        process.communicate(timeout=ENDS_S)


def client_of(process, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(base_url=process.base_url, headers=headers)


def command_lines(pid):
    """Return the command lines of a process and of all that it started, as others see them."""
    root = psutil.Process(pid)
    return [" ".join(each.cmdline()) for each in (root, *root.children(recursive=True))]


def assert_token_is_asked_for_and_nowhere_to_be_seen(process, token):
    with client_of(process, token) as client:
        assert client.get(HEALTH).status_code == 200
        assert client.get(HEALTH, {"Authorization": "Bearer x"}).status_code == 403
    assert not any(token in line for line in command_lines(process.pid))


def test_a_token_comes_from_a_file(tmp_path):
    (tmp_path / "token").write_text(f"{SECRET}\n")
    with serving("--token-file", str(tmp_path / "token")) as process:
        assert_token_is_asked_for_and_nowhere_to_be_seen(process, SECRET)


def test_a_token_comes_from_the_environment_and_goes_to_no_worker():
    with serving("--workers", "1", STREAM_TOKEN=SECRET) as process:
        assert_token_is_asked_for_and_nowhere_to_be_seen(process, SECRET)
        with client_of(process, SECRET) as client:
            path = "/ws/video/stream?pipeline_id=noop"
            with client.websocket_connect(path) as session:
                session.send_bytes(b"")
                session.receive_json()
        for child in psutil.Process(process.pid).children(recursive=True):
            assert SECRET not in str(child.environ())


def test_the_labs_own_server_has_its_token_on_no_command_line():
    with ServerProcess(["--workers", "1"]) as server:
        assert server.get(HEALTH)["status"] == "ok"
        assert not any(server.token in line for line in command_lines(server.pid))


def test_an_option_comes_before_the_environment(tmp_path):
    (tmp_path / "token").write_text("of the file")
    file = str(tmp_path / "token")
    with (
        serving("--token-file", file, STREAM_TOKEN=SECRET) as process,
        client_of(process, "of the file") as client,
    ):
        assert client.get(HEALTH).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--token-file", "{}/none"], "none: No such file"),
        (["--token-file", "{}"], "Is a directory"),
        (["--token-file", "{}/empty"], "the token is empty"),
        (["--token-file", "{}/binary"], "--token-file"),
        (["--token-file", "{}/token", "--token", "x"], "one of the two"),
    ],
)
def test_a_token_that_cannot_be_had_is_told_in_one_line(tmp_path, arguments, words):
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "token").write_text(SECRET)
    arguments = [each.format(tmp_path) for each in arguments]
    done = subprocess.run(
        [*COMMAND, "serve", *arguments], capture_output=True, text=True, timeout=ENDS_S
    )
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert SECRET not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_sessions_with_1001_and_every_frame_is_answered(number, jpeg):
    frames = 5
    with serving("--workers", "1") as process, client_of(process) as client:
        with RawWebSocket(client, "/ws/video/stream?pipeline_id=noop") as socket_:
            socket_.send(*[frame(BINARY, jpeg)] * frames)
            assert socket_.receive()[0] == TEXT
            process.send_signal(number)
            answers = 1
            while (received := socket_.receive())[0] == TEXT:
                answers += 1
            assert received[0] == CLOSE
            assert int.from_bytes(received[1][:2], "big") == 1001
            assert answers == frames
            socket_.send(frame(CLOSE, received[1][:2]))
        out, err = process.communicate(timeout=ENDS_S)
    assert process.returncode == 0
    assert "stopped" in out
    assert err == ""


def test_a_second_ctrl_c_ends_it_at_once_and_its_workers_with_it(jpeg):
    with (
        serving("--workers", "2") as process,
        client_of(process) as client,
        RawWebSocket(client, "/ws/video/stream?pipeline_id=noop") as socket_,
    ):
        socket_.send(frame(BINARY, jpeg))
        socket_.receive()
        process.send_signal(signal.SIGINT)
        # it waits for the answer to its close, and gets none
        assert socket_.receive_close()[0] == 1001
        process.send_signal(signal.SIGINT)
        # standard error ends when the last of its processes does
        process.communicate(timeout=ENDS_S)
    assert process.returncode == 128 + signal.SIGINT


def test_a_server_under_nohup_goes_on_after_a_hangup():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with serving() as process, client_of(process) as client:
            process.send_signal(signal.SIGHUP)
            assert client.get(HEALTH).status_code == 200
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_name_of_a_file_is_told_in_one_line(tmp_path):
    forged = "x\n2026-01-01 00:00:00,000 ERROR forged.json"
    Path(tmp_path, forged).write_text("{")
    with serving(STREAM_PIPELINES_DIR=str(tmp_path)) as process:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=ENDS_S)
    assert "forged" in err
    assert err.count("\n") == 1


def test_addresses_are_free_again(tmp_path):
    with serving() as process:
        port = int(process.base_url.rpartition(":")[2])
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=ENDS_S)
        with socket.socket() as again:
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind(("127.0.0.1", port))
