"""What a tool wants drawn is drawn wherever an answer is: offline, streamed, on a snapshot."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from streamlab.cli import main
from streamlab.lab.connection import connect
from streamlab.lab.live.snapshot import Snapshot
from streamlab.media.frames import decode, encode
from streamlab.media.video import read_frames
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.tools.function import tool
from streamlab.tools.shapes import Polygon

SOURCE = """
import streamlab

@streamlab.tool(produces="shapes")
def red(image):
    height, width = image.shape[:2]
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    return [streamlab.Polygon(corners, fill=True, color="#ff0000")]
"""
DEFINITION = {"id": "red", "nodes": [{"id": "node", "tool": "red"}]}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed package with a tool that covers a frame in red, and a pipeline of it."""
    (tmp_path / "red_tools.py").write_text(SOURCE)
    info = tmp_path / "red_tools-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: red-tools\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[streamlab.tools]\nred = red_tools:red\n")
    (tmp_path / "red.json").write_text(json.dumps(DEFINITION))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("STREAM_PIPELINES_DIR", str(tmp_path))
    return tmp_path


def redness(image):
    """How much redder than blue a picture is, 0 to 255."""
    return float(np.mean(image[..., 2].astype(int) - image[..., 0]))


def test_an_annotated_video_shows_shapes(package, tmp_path):
    out = tmp_path / "out.mp4"
    arguments = ["run", "gate_easy", "--pipeline", "red", "--annotate", str(out)]
    done = CliRunner().invoke(main, [*arguments, "--max-frames", "2"])
    assert done.exit_code == 0, done.stderr
    assert all(redness(frame) > 80 for frame in read_frames(out))


def test_a_stream_has_them_in_its_answers_and_a_snapshot_shows_them():
    @tool(produces="shapes")
    def red(image):
        height, width = image.shape[:2]
        corners = [(0, 0), (width, 0), (width, height), (0, height)]
        return [Polygon(np.array(corners), fill=True, color="#ff0000")]

    pipelines = PipelineRegistry.load()
    pipelines.tools.register(red)
    pipelines.add(DEFINITION)
    with (
        connect(where="kernel", pipelines=pipelines, workers=1) as lab,
        lab.streaming("gate_easy", pipeline_id="red", seconds=0.2, progress=False) as run,
    ):
        run.wait()
    result = run.records[0].rows[0].result
    assert result is not None
    recording = run.recording()
    size = {"width": recording.info["width"], "height": recording.info["height"]}
    assert result["shapes"][0]["points"][2] == [size["width"], size["height"]]
    blank = np.zeros((size["height"], size["width"], 3), np.uint8)
    snapshot = Snapshot(encode(blank), result, 0, 0)
    assert redness(snapshot.annotated) > 100
    assert redness(decode(snapshot.jpeg)) < 5
