"""`LiveView` in a notebook of a real JupyterLab, in a real Chromium whose camera plays a clip."""

import re

import pytest

playwright = pytest.importorskip("playwright", reason="needs playwright: pip install playwright")
pytest.importorskip("jupyterlab", reason="needs JupyterLab: pip install jupyterlab")

from lab_page import chromium, open_lab, open_notebook, restart_kernel, run_cell  # noqa: E402

if chromium() is None:
    pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM", allow_module_level=True)

from fake_camera import write_y4m  # noqa: E402
from live_page import LiveOnPage, camera_flags  # noqa: E402
from pandas.testing import assert_frame_equal  # noqa: E402
from playwright.sync_api import expect  # noqa: E402
from truth_on_page import place_of_overlays  # noqa: E402

from streamlab.lab import Recording  # noqa: E402
from streamlab.media.samples import sample_path  # noqa: E402
from streamlab.media.truth import Truth  # noqa: E402

CLIP = "conveyor_fast"
HEAR = """\
import time

until = time.monotonic() + 60


def wait_until(holds):
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)


def is_recorded():
    try:
        return len(view.recording.frames) > 0
    except streamlab.errors.RecordingError:
        return False


view.start()
said = [view.status]
wait_until(lambda: view.status == "streaming" and view.metrics.get("sent") and is_recorded())
said += [view.status, view.metrics["sent"] > 0, is_recorded()]
view.stop()
said.append(view.status)
wait_until(lambda: view.status == "stopped")
said.append(view.status)
said
"""
CELLS = {
    "show": 'import streamlab\n\nview = streamlab.LiveView(fps=12, pipeline_id="yolo_ocr")\nview',
    "busy": (
        "import time\nfrom pathlib import Path\n\n"
        'while not Path("go_on.txt").exists():\n    time.sleep(0.05)'
    ),
    "snapshot": "snapshot = view.snapshot()\nsnapshot",
    "set": "view.fps = 7\nview.drop_threshold = 0.2\nview.source",
    "stop": "view.stop()",
    "save": 'recording = view.recording\nrecording.save("kernel.jsonl.gz").name',
    "start": "view.fps = 12\nview.start()",
    "hear": HEAR,
    "choose": 'view.labels = ["label"]\nview.min_score = 0.5',
    "choose all": "view.labels, view.min_score = None, 0",
    "metrics": 'view.metrics["sent"] > 0, view.status, view.session_id',
}
OWN = """\
import time

import streamlab
from streamlab import Detection, Line


@streamlab.tool
def brightness(image):
    return float(image.mean())


@streamlab.tool
def pause(frame_index):
    time.sleep(0.1)
    return frame_index


@streamlab.tool(produces="detections")
def middle(image):
    height, width = image.shape[:2]
    return [Detection(width / 4, height / 4, width / 2, height / 2, "middle", 1.0)]


@streamlab.tool(produces="shapes")
def fragile(image, frame_index):
    if frame_index == 3:
        raise ValueError("no light")
    return [Line([(0, 100), (640, 100)], label="gate")]


pipelines = streamlab.PipelineRegistry.load()
pipelines.tools.register(fragile)
pipelines.add({"id": "fragile", "nodes": [{"id": "line", "tool": "fragile"}]})
pipelines.tools.register(middle)
pipelines.tools.register(brightness)
pipelines.tools.register(pause)
pipelines.add({"id": "slow", "nodes": [{"id": "pause", "tool": "pause"}]})
nodes = [{"id": name, "tool": name} for name in ("middle", "brightness")]
pipelines.add({"id": "own", "nodes": nodes, "edges": [["middle", "brightness"]]})
own_lab = streamlab.connect(where="kernel", pipelines=pipelines)
streamlab.LiveView(own_lab, pipeline_id="own", running=True)
"""
SLOW = 'view = streamlab.LiveView(own_lab, pipeline_id="slow", fps=30, adaptive=False)\nview'
FRAGILE = 'broken = streamlab.LiveView(own_lab, pipeline_id="fragile", running=True)\nbroken'
CLOSE = "own_lab.close()"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    clip = write_y4m(tmp_path_factory.mktemp("camera") / "clip.y4m", CLIP, 150)
    with open_lab(flags=camera_flags(clip)) as opened:
        yield opened


@pytest.fixture(scope="module")
def notebook(lab):
    page, server = lab
    open_notebook(page, server, CELLS.values())
    expect.set_options(timeout=60_000)
    return page


@pytest.fixture
def run(notebook):
    return lambda name: run_cell(notebook, [*CELLS].index(name))


@pytest.fixture(scope="module")
def live(notebook):
    run_cell(notebook, 0)
    live = LiveOnPage(notebook)
    live.start()
    return live


def test_each_overlay_is_on_the_very_frame_that_it_belongs_to(live):
    drawn = live.drawn(30)
    fits, readable = place_of_overlays(drawn, CLIP)
    assert readable > len(drawn) / 2
    assert max(fits, key=fits.get) == 0
    assert fits[0] > 0.8


def test_what_is_written_on_the_things_is_read(live):
    texts = set(Truth.of_video(sample_path(CLIP)).texts(min_legible_frames=1).values())
    expect(live.root.locator(".texts b").first).to_have_text(
        re.compile("|".join(map(re.escape, texts)))
    )


def test_a_running_cell_does_not_stop_the_picture(live, lab, run):
    page, server = lab
    run("busy")
    page.wait_for_function("() => kernelWas.at(-1) === 'busy'")
    live.wait_for_frames(30)
    assert page.evaluate("kernelWas.at(-1)") == "busy"
    answer = page.request.put(
        f"{server.base_url}/api/contents/go_on.txt",
        headers=server.headers,
        data={"type": "file", "format": "text", "content": ""},
    )
    assert answer.ok
    page.wait_for_function("() => kernelWas.at(-1) === 'idle'")


def test_a_snapshot_is_shown_in_the_notebook(live, run):
    cell = run("snapshot")
    picture = cell.locator(".jp-RenderedImage img")
    picture.wait_for()
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [640, 480]


def test_settings_are_traits_that_move_the_views_controls(live, lab, run):
    _, server = lab
    run("set")
    expect(live.setting("fps")).to_have_value("7")
    with server.client() as client:
        for _ in range(100):
            live.wait_for_frames(1)
            [seen] = client.get("/streamlab/sessions").json()["sessions"]
            if seen["drop_threshold"] == 0.2:
                break
    assert seen["drop_threshold"] == 0.2


def test_figures_are_told_to_the_kernel(live, run):
    cell = run("metrics")
    expect(cell.locator(".jp-OutputArea-output").last).to_have_text(
        re.compile(r"\(True, 'streaming', '\d+'\)")
    )


def test_the_kernels_recording_is_the_one_that_the_page_saves(live, lab, run, tmp_path):
    page, server = lab
    run("stop")
    live.wait_for_status("stopped")
    saved = Recording.load(live.download("Save recording", tmp_path))
    cell = run("save")
    expect(cell.locator(".jp-OutputArea-output").last).to_have_text("'kernel.jsonl.gz'")
    answer = page.request.get(f"{server.base_url}/files/kernel.jsonl.gz", headers=server.headers)
    path = tmp_path / "kernel.jsonl.gz"
    path.write_bytes(answer.body())
    known = Recording.load(path)
    assert len(known.frames) > 30
    assert_frame_equal(known.frames, saved.frames, atol=0.002)
    assert_frame_equal(known.events, saved.events, atol=0.002)
    assert known.results.tolist() == saved.results.tolist()
    assert known.info == saved.info


def test_it_is_started_from_the_notebook(live, run):
    run("start")
    live.wait_for_status("streaming")
    live.wait_for_frames(3)
    run("stop")
    live.wait_for_status("stopped")


def test_the_cell_that_starts_it_hears_of_it_while_it_runs(live, run):
    cell = run("hear")
    said = ["starting", "streaming", True, True, "stopping", "stopped"]
    expect(cell.locator(".jp-OutputArea-output").last).to_have_text(str(said))


def test_which_detections_are_shown_is_chosen_from_the_notebook_too(live, run):
    run("start")
    live.wait_for_status("streaming")
    run("choose")
    expect(live.root.locator(".labels summary")).to_have_text("Labels: label")
    expect(live.setting("min_score")).to_have_value("0.5")
    found = [each for frame in live.drawn(10) for each in frame["result"]["detections"]]
    assert {each["label"] for each in found} == {"label"}
    assert min(each["score"] for each in found) >= 0.5
    run("choose all")
    expect(live.root.locator(".labels summary")).to_contain_text("all")
    run("stop")
    live.wait_for_status("stopped")


def test_a_view_that_is_taken_away_lets_go_of_the_camera(live, lab, run):
    page, server = lab
    run("start")
    live.wait_for_status("streaming")
    with (
        server.client() as client,
        client.websocket_connect("/ws/events?topic=sessions") as observer,
    ):
        while not observer.receive_json()["sessions"]:
            pass
        page.get_by_role("menuitem", name="Edit", exact=True).click()
        page.get_by_role("menuitem", name="Clear Outputs of All Cells").click()
        live.root.wait_for(state="detached")
        while observer.receive_json()["sessions"]:
            pass


@pytest.fixture(scope="module")
def own(lab):
    page, server = lab
    open_notebook(page, server, [OWN, SLOW, FRAGILE, CLOSE])
    return page


def test_a_pipeline_of_the_notebooks_own_is_watched_live(live, own):
    run_cell(own, 0)
    view = LiveOnPage(own)
    view.wait_for_status("streaming")
    [frame] = view.drawn(1)
    [found] = frame["result"]["detections"]
    assert (found["label"], found["x"], found["width"]) == ("middle", 160, 320)
    expect(view.root.locator(".readings h3")).to_have_text("Brightness")
    expect(view.root.locator(".texts")).to_have_text(re.compile(r"^\d+\.?\d*$"))
    view.stop()


def test_an_error_in_a_tool_of_the_notebooks_own_is_shown_with_its_traceback(own):
    cell = run_cell(own, 2)
    view = LiveOnPage(own, cell.locator(".live"))
    view.wait_for_status("failed")
    expect(view.notice()).to_contain_text(
        "node 'line': ValueError: no light (line 27 of fragile())"
    )
    trace = view.notice().locator("pre")
    expect(trace).to_contain_text('raise ValueError("no light")')
    expect(trace).to_contain_text("in fragile")


def test_the_badge_turns_critical_under_an_overload_and_back_and_a_lost_server_is_told(live, own):
    cell = run_cell(own, 1)
    view = LiveOnPage(own, cell.locator(".live"))
    view.start()
    view.wait_for_state("critical")
    view.setting("fps").fill("4")
    view.wait_for_state("normal")
    run_cell(own, 3)
    expect(view.notice()).to_contain_text("The server cannot be reached")
    view.wait_for_status("lost")
    view.stop()


def test_a_view_whose_kernel_has_gone_says_so_and_streams_on(lab):
    page, server = lab
    open_notebook(page, server, ['import streamlab\n\nstreamlab.LiveView(pipeline_id="noop")'])
    run_cell(page, 0)
    view = LiveOnPage(page)
    view.start()
    expect(view.root.locator(".unlinked")).to_be_hidden()
    restart_kernel(page)
    expect(view.root.locator(".unlinked")).to_contain_text("kernel has gone or was started again")
    view.wait_for_frames(3)
    view.stop()
