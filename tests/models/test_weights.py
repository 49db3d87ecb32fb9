"""Finding, fetching and listing weights; the source of the downloads is a server of the test's."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from streamlab.errors import ToolUnavailableError, WeightsError
from streamlab.models.catalogue import found_weights
from streamlab.models.fetch import fetch
from streamlab.models.folders import data_folder, ultralytics_folder
from streamlab.models.weights import WEIGHTS_VARIABLE, find_weights

MODELS = Path(__file__).parents[1] / "tools" / "models"
CONTENT = b"PK\x03\x04" + bytes(300_000)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home and a current folder with nothing in them."""
    for folder in ("data", "config", "here"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "data"))
    monkeypatch.delenv("YOLO_CONFIG_DIR", raising=False)
    monkeypatch.delenv(WEIGHTS_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


@pytest.fixture
def source():
    """A server of files, and the paths that were asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            name = self.path.rpartition("/")[2]
            if name == "yolo11n.pt":
                self.send_error(404)
                return
            self.send_response(200)
            content = b"<html>sign in</html>" if name == "yolov8n.pt" else CONTENT
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2 if name == "yolo12n.pt" else None])

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1", asked
    server.shutdown()
    thread.join()
    server.server_close()


def theirs(home):
    """Make Ultralytics' settings name a folder of its own, and return it."""
    folder = home / "ultralytics weights"
    folder.mkdir()
    settings = home / "config" / "Ultralytics" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"weights_dir": str(folder)}))
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="the folders of Linux")
def test_a_name_is_looked_for_here_then_in_the_users_folder_then_in_ultralytics(home, monkeypatch):
    assert ultralytics_folder() is None
    last = theirs(home)
    assert ultralytics_folder() == last
    assert data_folder() == home / "data" / "streamlab" / "weights"
    data_folder().mkdir(parents=True)
    monkeypatch.setenv(WEIGHTS_VARIABLE, "yolo26n.pt")
    for folder in (last, data_folder(), Path.cwd()):
        (folder / "yolo26n.pt").write_bytes(CONTENT)
        assert find_weights(None) == folder / "yolo26n.pt"
    (data_folder() / "mine.onnx").write_bytes(b"1")
    assert find_weights("mine.onnx") == data_folder() / "mine.onnx"
    with pytest.raises(ToolUnavailableError, match="no such file"):
        find_weights("./mine.onnx")


def test_a_published_name_without_an_ending_is_found_as_onnx_first(home):
    (Path.cwd() / "yolo26n-seg.pt").write_bytes(CONTENT)
    assert find_weights("yolo26n-seg").name == "yolo26n-seg.pt"
    (Path.cwd() / "yolo26n-seg.onnx").write_bytes(b"1")
    assert find_weights("yolo26n-seg").name == "yolo26n-seg.onnx"


def test_what_is_not_there_is_told_with_the_places_and_the_command(home, monkeypatch):
    folder = theirs(home)
    monkeypatch.setenv(WEIGHTS_VARIABLE, "yolo26n.pt")
    with pytest.raises(ToolUnavailableError) as caught:
        find_weights(None)
    line = str(caught.value)
    assert "\n" not in line
    for words in (str(Path.cwd()), str(data_folder()), str(folder)):
        assert words in line
    assert "`streamlab weights get yolo26n`" in line
    with pytest.raises(ToolUnavailableError) as caught:
        find_weights("mine.onnx")
    assert "weights get" not in str(caught.value)


def test_weights_are_fetched_once_into_the_users_folder(source, capfd):
    url, asked = source
    path = fetch("yolo26n", url)
    assert path == data_folder() / "yolo26n.pt"
    assert path.read_bytes() == CONTENT
    assert "yolo26n.pt: 100%" in capfd.readouterr().err
    assert fetch("yolo26n.pt", url) == path
    assert asked == ["/v1/yolo26n.pt"]
    assert find_weights("yolo26n.pt") == path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("yolo11n", "404"),
        ("yolo12n", "bytes came"),
        ("yolov8n", "no file of weights"),
        ("../yolo26n", "not among the weights"),
        ("yolo99", "not among the weights"),
    ],
)
def test_what_cannot_be_fetched_leaves_nothing_and_says_why_in_one_line(source, name, words):
    with pytest.raises(WeightsError, match=words) as caught:
        fetch(name, source[0])
    assert "\n" not in str(caught.value)
    assert not data_folder().exists() or not list(data_folder().iterdir())
    assert len(source[1]) <= 1


def run(*arguments, **environment):
    command = [sys.executable, "-m", "streamlab.cli", *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_offline_one_attempt_ends_in_one_clear_line():
    with socket.socket() as taken:  # bound, but it does not listen: the connection is refused
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = run("weights", "get", "yolo26n", "--from", url)
    assert done.returncode == 1
    assert done.stderr.startswith("streamlab: yolo26n.pt: not downloaded from http://127.0.0.1:")
    assert done.stderr.count("\n") == 1
    assert "refused" in done.stderr


def test_the_command_fetches_and_lists(home, source):
    done = run("weights", "get", "yolo26n-seg", "--from", source[0])
    # the extra cannot export what the test's server has; without it, it is named
    says = done.stdout if done.returncode == 0 else done.stderr
    assert "jupyter-streamlab[ultralytics]" in says or "not exported to ONNX" in says
    assert "segment, unknown classes, AGPL-3.0 (Ultralytics)" in done.stdout
    shutil.copy(MODELS / "pose.onnx", "people.onnx")
    shutil.copy(MODELS / "detr.onnx", "theirs.onnx")
    shutil.copy(MODELS / "detr.json", "theirs.json")
    shutil.copy(MODELS / "foreign.onnx", "foreign.onnx")
    listed = run("weights").stdout
    for words in (
        "gate_conveyor.onnx",
        "detect, 4 classes, AGPL-3.0",
        "yolo26n-seg.pt",
        "segment, unknown classes",
        "pose, 2 classes, unknown licence",
        "detect, 2 classes, Apache-2.0",
        "cannot be used",
    ):
        assert words in listed, words
    assert [e.path.name for e in found_weights() if e.problem] == ["foreign.onnx"]


def test_nothing_is_downloaded_where_a_server_starts(source):
    done = run("serve", "--port", "0", STREAM_YOLO_WEIGHTS="yolo26n.pt")
    assert done.returncode == 1
    assert "`streamlab weights get yolo26n` downloads it" in done.stderr
    assert done.stderr.count("\n") == 1
    assert source[1] == []
