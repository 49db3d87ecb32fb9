"""The owner of a server sees the traceback of a tool; its clients do not."""

import json

import pytest
from click.testing import CliRunner

from streamlab.cli import main
from streamlab.errors import PipelineFailureError, ServerError
from streamlab.lab import LiveView
from streamlab.lab.connection import connect
from streamlab.media.samples import sample_path
from streamlab.pipelines.dag import DagPipelineService
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.pipelines.video import VideoFilePipelineService
from streamlab.settings import Settings
from streamlab.testing import TestClient
from streamlab.tools.function import tool

SOURCE = """
from streamlab.tools.function import tool

@tool
def fragile(frame_index, *, after: int = 0):
    if frame_index >= after:
        raise ValueError("no light")
    return frame_index
"""
RAISED = 'raise ValueError("no light")'
TOLD = "node 'node': ValueError: no light (line 7 of fragile())"


def definition(name, after):
    node = {"id": "node", "tool": "fragile", "params": {"after": after}}
    return {"id": name, "nodes": [node]}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed package with a tool that raises, and pipelines of it."""
    (tmp_path / "fragile_tools.py").write_text(SOURCE)
    info = tmp_path / "fragile_tools-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fragile-tools\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[streamlab.tools]\nfragile = fragile_tools:fragile\n")
    for name, after in (("at_once", 0), ("later", 5)):
        (tmp_path / f"{name}.json").write_text(json.dumps(definition(name, after)))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("STREAM_PIPELINES_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture(params=["kernel", "process"])
def lab(request, package):
    settings = Settings(pipelines_dir=package)
    with connect(where=request.param, settings=settings, workers=1) as lab:
        yield lab


def test_a_stream_that_fails_at_once_raises_from_the_traceback(lab):
    with pytest.raises(ServerError) as caught:
        lab.stream("gate_easy", pipeline_id="at_once", seconds=1, progress=False)
    assert TOLD in str(caught.value)
    assert "in fragile" in str(caught.value.__cause__)
    assert RAISED in str(caught.value.__cause__)


def test_a_stream_that_fails_later_shows_the_traceback_and_keeps_what_was_recorded(lab, capfd):
    recording = lab.stream(
        "gate_easy", pipeline_id="later", sessions=2, policy="lossless", progress=False
    )
    assert recording.overall()["processed"] == 10
    told = capfd.readouterr().err
    assert told.count(RAISED) == 1
    assert f"session 1: pipeline_failure: {TOLD}; what was recorded is kept" in told


def test_a_stream_in_the_background_shows_it_when_it_is_left(lab, capfd):
    with lab.streaming("gate_easy", pipeline_id="later", progress=False) as run:
        run.wait()
    assert RAISED in capfd.readouterr().err


def test_a_live_view_of_the_lab_has_it_beside_what_the_browser_was_told(lab):
    with pytest.raises(ServerError):
        lab.stream("gate_easy", pipeline_id="at_once", seconds=1, progress=False)
    view = LiveView(lab)
    view.error = f"The pipeline failed: {TOLD}"
    assert RAISED in view.traceback
    view.error = "The camera has gone"
    assert view.traceback == ""


def test_a_live_view_of_another_server_has_none(lab):
    with pytest.raises(ServerError):
        lab.stream("gate_easy", pipeline_id="at_once", seconds=1, progress=False)
    view = LiveView(connect(lab.base_url, lab.token))
    view.error = f"The pipeline failed: {TOLD}"
    assert view.traceback == ""


@pytest.mark.parametrize("kind", ["thread", "process"])
def test_a_client_is_told_the_line_and_never_the_traceback_which_the_log_has(
    package, jpeg, caplog, kind
):
    settings = Settings(pipelines_dir=package)
    with (
        TestClient(settings, worker_kind=kind) as client,
        client.websocket_connect("/ws/video/stream?pipeline_id=at_once") as socket,
    ):
        socket.send_bytes(jpeg)
        told = socket.receive_text()
    assert json.loads(told) == {"error": "pipeline_failure", "detail": TOLD}
    [record] = [each for each in caplog.records if "pipeline_failure" in each.getMessage()]
    assert RAISED in record.getMessage()


def test_offline_runs_raise_from_the_tools_own_error(jpeg):
    @tool
    def fragile(image):
        raise ValueError("no light")

    pipelines = PipelineRegistry.load()
    pipelines.tools.register(fragile)
    pipelines.add({"id": "own", "nodes": [{"id": "node", "tool": "fragile"}]})
    service = VideoFilePipelineService(DagPipelineService(pipelines))
    runs = (
        lambda: service.run_on_frame("own", jpeg),
        lambda: next(service.run_on_file(sample_path("gate_easy"), "own")),
    )
    for run in runs:
        with pytest.raises(PipelineFailureError, match=r"of fragile\(\)") as caught:
            run()
        assert isinstance(caught.value.__cause__, ValueError)


def test_the_command_line_shows_the_traceback_and_then_its_line(package):
    done = CliRunner().invoke(main, ["run", "gate_easy", "--pipeline", "at_once"])
    assert done.exit_code == 1
    assert RAISED in done.stderr
    assert done.stderr.splitlines()[-1] == f"streamlab: {TOLD}"
