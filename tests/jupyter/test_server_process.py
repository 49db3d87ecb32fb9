"""A real `jupyter server`: from the wheel's configuration to the last process that it leaves."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import sysconfig
from dataclasses import fields
from pathlib import Path

from hosts import SERVER, isolated, jupyter_host, jupyter_process

from streamlab.settings import Settings, meaning_of
from streamlab.testing import WebSocketDisconnect

APPLICATION = str(Path(sysconfig.get_path("scripts"), "jupyter-streamlab"))
NOOP = "/ws/video/stream?pipeline_id=noop"
EVENTS = "/ws/events?topic=sessions"


def run(command, folder, **variables):
    """Run a command of Jupyter to its end."""
    return subprocess.run(
        command,
        env=isolated(str(folder)) | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )


def plain(text):
    """Return text without its colours."""
    return re.sub(r"\x1b\[\d*m", "", text)


def read_to_the_end(socket):
    """Read until the server closes; return the code with which it does."""
    try:
        while True:
            socket.receive_text()
    except WebSocketDisconnect as closed:
        return closed.code


def expect_going_away(server, client, jpeg, stop):
    """Open a session and an observer, stop the server, and see all of it end in order."""
    with client.websocket_connect(NOOP) as socket, client.websocket_connect(EVENTS) as observer:
        socket.send_bytes(jpeg)
        assert socket.receive_json()["result"] == {}
        assert client.get("/streamlab/health").json()["workers"] > 0
        stop()
        for each in (socket, observer):
            assert read_to_the_end(each) == 1001
        # workers share the server's standard error: at its end there is none of them left
        assert server.wait_until_all_ended() == 0
    assert "Traceback" not in server.log()
    assert "Task was destroyed" not in server.log()


def test_sigterm_closes_sessions_with_1001_and_leaves_no_worker(jpeg):
    with jupyter_process() as server, server.wait_until_ready().client() as client:
        expect_going_away(server, client, jpeg, server.process.terminate)


def test_ctrl_c_twice_closes_sessions_with_1001_and_leaves_no_worker(jpeg):
    ours, theirs = pty.openpty()
    with jupyter_process(stdin=theirs) as server, server.wait_until_ready().client() as client:

        def press_twice():
            server.press_ctrl_c()
            server.wait_for("interrupted")
            server.press_ctrl_c()

        expect_going_away(server, client, jpeg, press_twice)
    os.close(ours)
    os.close(theirs)


def test_workers_do_not_outlive_a_server_that_is_killed(jpeg):
    with (
        jupyter_process() as server,
        server.wait_until_ready().client() as client,
        client.websocket_connect(NOOP) as socket,
    ):
        socket.send_bytes(jpeg)
        assert socket.receive_json()["result"] == {}
        server.process.kill()
        assert server.wait_until_all_ended() == -signal.SIGKILL


def test_told_so_it_preloads_and_logs_sessions_as_bare_lines_of_json(jpeg):
    options = [f"--StreamlabApp.{name}" for name in ("preload=True", "log_json=True")]
    with (
        jupyter_process(options=options) as server,
        server.wait_until_ready().client() as client,
    ):
        assert client.get("/streamlab/health").json()["workers"] == 1
        with client.websocket_connect(NOOP) as socket:
            socket.send_bytes(jpeg)
            socket.receive_json()
        server.wait_for('"event":"disconnect"')
    told = [json.loads(line) for line in server.lines if line.startswith("{")]
    assert [line["event"] for line in told] == ["connect", "disconnect"]
    assert told[1]["ledger"]["processed"] == 1


def test_the_installation_enables_the_extension(tmp_path):
    command = [*SERVER, "extension", "list"]
    assert re.search(r"streamlab_jupyter \S+ OK", plain(run(command, tmp_path).stdout))


def test_jupyter_streamlab_starts_a_server_with_the_other_extensions(jpeg):
    with jupyter_host(command=[APPLICATION]) as client:
        with client.websocket_connect(NOOP) as socket:
            socket.send_bytes(jpeg)
            assert socket.receive_json()["result"] == {}
        assert client.get("/api/terminals").status_code == 200


def test_jupyter_streamlab_shows_every_setting(tmp_path):
    shown = run([APPLICATION, "--help-all"], tmp_path)
    assert shown.returncode == 0
    for setting in fields(Settings):
        assert f"--StreamlabApp.{setting.name}=" in shown.stdout
        assert meaning_of(setting.name).split(";")[0] in " ".join(shown.stdout.split())


def test_jupyter_streamlab_does_not_start_with_a_bad_value(tmp_path):
    ended = run([APPLICATION, "--allow-root", "--StreamlabApp.drop_threshold=2"], tmp_path)
    assert ended.returncode == 1
    (line,) = [line for line in ended.stderr.splitlines() if "streamlab is not loaded" in line]
    assert "StreamlabApp.drop_threshold=2.0: a number from 0 to 1 is allowed" in line
    assert "Traceback" not in ended.stderr


def test_the_extension_loads_no_model_library_into_the_server(tmp_path):
    code = "import sys, streamlab_jupyter.app; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    loaded = set(ended.stdout.split())
    assert "streamlab.server.service" in loaded
    assert not loaded & {"cv2", "onnxruntime", "torch", "tesserocr", "av", "pandas", "matplotlib"}
