"""Every code block of the documentation runs as a reader runs it: by page, from the top."""

import json
import os
import re
import shlex
import subprocess
import sys
import urllib.parse
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import click
import pytest
from doc_blocks import (
    CLIP,
    IN_BROWSER,
    KINDS,
    NEEDS_JUPYTERLAB,
    ROOT,
    all_blocks,
    blocks_of,
    blocks_to_run,
    commands_of,
    pages_to_run,
    write_short_clip,
)
from hosts import jupyter_process
from kernel import Kernel
from pictures import make_image

from streamlab import cli
from streamlab.media.samples import sample_path
from streamlab.pipelines.dag import DagPipelineService
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.testing import TestClient

BLOCKS = all_blocks()
PYTHON = {page: own for page, own in pages_to_run("python").items() if page not in IN_BROWSER}
SHELL = pages_to_run("sh")
OWN_URL = "http://127.0.0.1:8000"
"""What the pages call a server that `streamlab serve` started as it does by default."""
SERVES = "streamlab serves at "
COMMAND_S = 120
WRITES = ("--record", "--annotate", "--out")


@pytest.fixture(scope="module")
def server():
    path = {"PYTHONPATH": str(ROOT)}  # `training` is imported from the clone
    with jupyter_process(workers=2, environment=path) as server:
        yield server.wait_until_ready()


@pytest.fixture(scope="module")
def client(server):
    with server.client() as client:
        yield client


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_is_of_a_known_kind_or_says_why_it_is_not_run(block):
    if block.reason is None:
        assert block.language in KINDS
    else:
        assert len(block.reason.split()) > 2
        assert block.language, "what is not run is fenced too, with a language"


def test_few_blocks_are_not_run():
    assert sum(block.reason is not None for block in BLOCKS) < len(BLOCKS) / 3


def test_the_blocks_of_a_page_are_found():
    page = (
        "Text\n\n```python\na\n\n    b\n```\n\n<!-- not run: needs a GPU -->\n\n~~~sh\nc\n~~~\n\n"
        "    indented\n\n- item\n\n  ```json\n  {}\n  ```\n"
    )
    found = [(each.language, each.code, each.reason) for each in blocks_of(page)]
    assert found == [
        ("python", "a\n\n    b\n", None),
        ("sh", "c\n", "needs a GPU"),
        ("", "indented\n", None),
        ("json", "{}\n", None),
    ]


def test_a_kernel_has_a_jupyter_server_with_streamlab_around_it(server, client):
    with Kernel(server, client, "") as kernel:
        code = 'import streamlab\n\nprint(streamlab.connect(where="jupyter").health())'
        assert not kernel.run(code)
        assert "ZeroDivisionError" in kernel.run("1 / 0")


@pytest.mark.parametrize("page", PYTHON)
def test_the_python_of_a_page_runs_in_a_kernel_from_the_top(page, server, client):
    folder = page.replace("/", "-")
    (server.folder / folder).mkdir()
    write_short_clip(server.folder / folder)
    with Kernel(server, client, folder) as kernel:
        for block in PYTHON[page]:
            traceback = kernel.run(block.code)
            assert not traceback, f"{block}\n{traceback}"


@pytest.mark.parametrize("page", SHELL)
def test_the_commands_of_a_page_run_one_after_the_other(page, tmp_path):
    write_short_clip(tmp_path)
    with ExitStack() as servers:
        url = OWN_URL
        for block in SHELL[page]:
            for command in commands_of(block):
                if command.startswith(NEEDS_JUPYTERLAB):
                    continue
                if command.startswith("streamlab serve"):
                    url = servers.enter_context(Serving(command, tmp_path)).url
                    continue
                run_command(command.replace(OWN_URL, url).replace("VIDEO", CLIP), tmp_path)


@pytest.mark.parametrize("block", blocks_to_run("json"), ids=str)
def test_json_is_what_the_code_reads(block):
    read = json.loads(block.code)
    if "nodes" in read:
        registry = PipelineRegistry()
        registry.add(read)
        if missing := registry[read["id"]].missing:
            pytest.skip(missing[0])
        result, _ = DagPipelineService(registry).open(read["id"])(make_image(), 0)
        assert result.keys() == registry[read["id"]].outputs.keys()
    elif "frame" in read or "clip" in read:
        lines = sample_path(CLIP).with_name(f"{CLIP}.truth.jsonl").read_text().splitlines()
        real = json.loads(lines[read["frame"] + 1 if "frame" in read else 0])
        assert read.keys() == real.keys()
        for thing in read.get("objects", []):
            assert thing in real["objects"]
    else:
        pytest.fail(f"{block}: neither a pipeline nor a line of a truth file")


@pytest.mark.parametrize("block", blocks_to_run("http"), ids=str)
def test_a_request_is_answered(block, server, jpeg):
    request, *lines = block.code.splitlines()
    method, target = request.split()
    headers = dict(line.split(": ", 1) for line in lines)
    scheme, _ = headers["Authorization"].split()
    headers["Authorization"] = f"{scheme} {server.token}"
    origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(server.base_url))
    with TestClient(base_url=origin, headers=headers) as client:
        if "/ws/" not in target:
            assert client.request(method, target).status_code == 200
            return
        with client.websocket_connect(target) as socket:
            socket.send_bytes(jpeg)
            assert socket.receive_json()["frame_index"] == 0


def test_the_synopsis_of_serve_names_the_options_that_there_are():
    [block] = [each for each in BLOCKS if each.code.startswith("streamlab serve [")]
    options = {
        option.opts[0]: option
        for option in cli.serve.params
        if isinstance(option, click.Option) and not option.hidden
    }
    assert set(re.findall(r"--[\w-]+", block.code)) == set(options)
    for name, default in re.findall(r"\[(--[\w-]+) ([\w.]+)\](?!\.)", block.code):
        if name in ("--host", "--port"):
            assert str(options[name].default) == default
    assert OWN_URL.endswith(f":{options['--port'].default}")


class Serving:
    """A server that a command of a page starts, on a port that is free; a context manager."""

    def __init__(self, command, folder):
        self.url = ""
        self._process = subprocess.Popen(
            [*shlex.split(command), "--port", "0"],
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        for line in self._process.stdout:
            if line.startswith(SERVES):
                self.url = line.removeprefix(SERVES).strip()
                break
        with TestClient(base_url=self.url) as client:
            assert client.get("/streamlab/health").json()["status"] == "ok"
        return self

    def __exit__(self, *error):
        self._process.terminate()
        told, _ = self._process.communicate(timeout=COMMAND_S)
        assert self._process.returncode == 0, told


def run_command(command, folder):
    """Run a command as a shell does; what it is told to write is there then."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=COMMAND_S,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    words = shlex.split(command)
    for option, value in pairwise(words):
        assert option not in WRITES or Path(folder, value).exists(), command


def environment():
    """Return an environment whose commands are those of this Python."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
