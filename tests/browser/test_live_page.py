"""The page of a standalone server in a real Chromium: what its user sees, does and is told."""

import gzip
import json
import re
from collections import Counter

import pytest

playwright = pytest.importorskip("playwright", reason="needs playwright: pip install playwright")

from lab_page import chromium  # noqa: E402

if chromium() is None:
    pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM", allow_module_level=True)

from fake_camera import write_y4m  # noqa: E402
from live_page import (  # noqa: E402
    FAKE_CAMERA,
    REFUSE_CAMERA,
    Failing,
    LiveOnPage,
    camera_flags,
    chromium_page,
    decoded,
    pipelines_of_tests,
)
from playwright.sync_api import expect  # noqa: E402
from slow_line import Line  # noqa: E402
from truth_on_page import found_by_name, place_of_overlays, share_of_edges_drawn  # noqa: E402

from streamlab.lab import Recording  # noqa: E402
from streamlab.media.samples import sample_path  # noqa: E402
from streamlab.media.truth import Truth  # noqa: E402
from streamlab.server.subprocess import ServerProcess  # noqa: E402
from streamlab.settings import Settings  # noqa: E402
from streamlab.testing import TestClient  # noqa: E402

CLIP = "conveyor_fast"
CLIP_FRAMES = 150
TOKEN = "a-token"


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_y4m(tmp_path_factory.mktemp("camera") / "clip.y4m", CLIP, CLIP_FRAMES)


@pytest.fixture(scope="module")
def server():
    with TestClient(
        Settings(max_sessions=2),
        pipelines_of_tests(),
        token=TOKEN,
        headers={"Authorization": f"Bearer {TOKEN}"},
    ) as client:
        yield client


@pytest.fixture(scope="module")
def tab(chrome, clip):
    """A page that asked nobody but its own server, and broke none of its rules."""
    with chromium_page(chrome, camera_flags(clip)) as page:
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        yield page


@pytest.fixture
def live(tab, server):
    tab.goto(f"{server.base_url}/?token={TOKEN}")
    live = LiveOnPage(tab)
    live.choose("Pipeline", "yolo_ocr")
    yield live
    if live.root.get_attribute("data-status") in ("streaming", "loading"):
        live.stop()


def test_each_overlay_is_on_the_very_frame_that_it_belongs_to(live):
    live.start()
    drawn = live.drawn(40)
    fits, readable = place_of_overlays(drawn, CLIP)
    assert readable > len(drawn) / 2
    assert max(fits, key=fits.get) == 0
    assert fits[0] > 0.8
    assert fits[0] > max(fits[1], fits[-1]) + 0.02
    assert min(share_of_edges_drawn(frame) for frame in drawn) > 0.5
    numbers = [frame["frame_index"] for frame in drawn]
    assert numbers == sorted(set(numbers))


def test_what_is_written_on_the_things_is_read(live):
    live.start()
    texts = set(Truth.of_video(sample_path(CLIP)).texts(min_legible_frames=1).values())
    expect(live.root.locator(".texts b").first).to_have_text(
        re.compile("|".join(map(re.escape, texts)))
    )


def test_the_badge_turns_critical_under_an_overload_and_back(live, server):
    live.root.get_by_label("Adaptive").uncheck()
    live.choose("Pipeline", "slow")
    live.setting("fps").fill("30")
    live.start()
    live.wait_for_state("critical")
    assert "replaced" in live.figure("dropped") or "overflow" in live.figure("dropped")
    [seen] = server.get("/streamlab/sessions").json()["sessions"]
    assert seen["state"] == "critical"
    # what is on show stays, and says how old it is
    expect(live.root.locator("figcaption")).to_have_text(re.compile(r"frame \d+ · \d+ ms old"))
    live.setting("fps").fill("4")
    live.wait_for_state("normal")
    live.wait_for_frames(3)


def test_an_adaptive_page_leaves_an_overload_by_itself(live):
    live.choose("Pipeline", "slow")
    live.setting("fps").fill("30")
    live.start()
    live.wait_for_state("critical")
    live.wait_for_state("normal")


def test_sliders_change_the_session_while_it_runs(live, server):
    live.start()
    slider = live.setting("drop_threshold")
    slider.focus()
    slider.press("End")
    session = live.root.get_attribute("data-session")
    path = f"/streamlab/sessions/{session}"
    wait_until(live, lambda: server.get(path).json()["drop_threshold"] == 1.0)
    assert server.get(path).json()["slowdown_threshold"] == 1.0
    live.wait_for_frames(3)


def wait_until(live, holds):
    """Wait for something of the server's, a frame at a time."""
    for _ in range(300):
        if holds():
            return
        live.wait_for_frames(1)
    raise AssertionError("it did not come about in 300 frames")


def test_a_snapshot_is_the_frame_with_its_overlay(live, tmp_path):
    live.start()
    live.wait_for_frames(5)
    path = live.download("Snapshot", tmp_path)
    assert re.fullmatch(r"streamlab_frame_\d+\.png", path.name)
    image = decoded(path.read_bytes())
    assert image.shape == (480, 640, 3)
    recorded = live.download("Save recording", tmp_path)
    lines = [json.loads(line) for line in gzip.decompress(recorded.read_bytes()).splitlines()]
    frames = {line["frame"]["frame_index"]: line["frame"] for line in lines if "frame" in line}
    row = frames[int(path.stem.rpartition("_")[2])]
    drawn = {"image": image, "result": row["result"]}
    assert row["result"]["detections"]
    assert share_of_edges_drawn(drawn) > 0.6


def test_a_recording_that_is_saved_is_one_of_the_labs(live, server, tmp_path):
    live.start()
    live.wait_for_frames(30)
    live.stop()
    recording = Recording.load(live.download("Save recording", tmp_path))
    frames = recording.frames
    assert len(frames) >= 30
    assert set(frames["fate"]) <= {"processed", "dropped"}
    assert (frames["received_ms"] >= frames["sent_ms"] - 0.01).all()
    assert (
        frames["answered_ms"] >= frames["received_ms"] + frames["total_ms"].fillna(0) - 0.01
    ).all()
    assert (frames["sent_ms"] >= frames["scheduled_ms"]).all()
    assert recording.nodes == ["detect", "track", "read"]
    assert recording.info["pipeline_id"] == "yolo_ocr"
    ledger = recording.ledger.iloc[0]
    assert ledger["received"] == len(frames) == ledger.drop("received").sum()
    replayed = recording.trace().replay()
    assert len(replayed.frames) == len(frames)


def test_a_sample_is_streamed_frame_by_frame_as_its_truth_counts_them(live, tmp_path):
    live.choose("Source", "gate_easy")
    live.start()
    live.wait_for_frames(40)
    live.stop()
    recording = Recording.load(live.download("Save recording", tmp_path))
    scores = recording.detection_metrics(score_thresholds=[0.35]).set_index("label").loc["all"]
    assert scores["recall"] > 0.7
    assert scores["precision"] > 0.9


def test_a_file_of_the_users_is_streamed_and_its_frames_are_counted(live, tmp_path):
    with live.page.expect_file_chooser() as chooser:
        live.choose("Source", "file")
    chooser.value.set_files(sample_path("gate_sparse"))
    live.start()
    live.wait_for_frames(10)
    expect(live.root.get_by_label("Source", exact=True)).to_contain_text("gate_sparse.mp4")
    live.stop()
    recording = Recording.load(live.download("Save recording", tmp_path))
    assert (recording.info["video_fps"], recording.info["video"]) == (30, "gate_sparse.mp4")
    truth = Truth.of_video(sample_path("gate_sparse"))
    assert recording.info["video_frames"] == len(truth.frames)
    scores = recording.detection_metrics(truth=truth, score_thresholds=[0.35])
    assert scores.set_index("label").loc["all", "precision"] > 0.9
    assert len(recording.trace().replay().frames) == len(recording.frames)


def test_another_width_begins_another_recording(live, tmp_path):
    live.choose("Source", "gate_easy")
    live.start()
    before = live.root.get_attribute("data-session")
    live.choose("Width", "320")
    expect(live.root).not_to_have_attribute("data-session", re.compile(f"^({before})?$"))
    live.wait_for_frames(3)
    live.stop()
    recording = Recording.load(live.download("Save recording", tmp_path))
    assert (recording.info["width"], recording.info["height"]) == (320, 240)
    assert recording.frames["frame_index"].min() == 0


def test_a_file_that_is_no_video_is_told_in_plain_words(live, tmp_path):
    path = tmp_path / "notes.mp4"
    path.write_text("no video")
    with live.page.expect_file_chooser() as chooser:
        live.choose("Source", "file")
    chooser.value.set_files(path)
    live.button("Start").click()
    expect(live.notice()).to_contain_text("cannot play the video: notes.mp4")


def test_another_pipeline_takes_over_while_it_runs(live, server):
    live.start()
    live.choose("Pipeline", "yolo")
    live.wait_for_frames(5)
    [seen] = server.get("/streamlab/sessions").json()["sessions"]
    assert seen["pipeline_id"] == "yolo"


def test_a_failing_pipeline_is_told_and_tried_again(live):
    Failing.told.set()
    live.choose("Pipeline", "failing")
    live.button("Start").click()
    notice = live.notice()
    expect(notice).to_contain_text("The pipeline failed")
    expect(notice).to_contain_text("node 'node'")
    Failing.told.clear()
    notice.get_by_role("button", name="Try again").click()
    live.wait_for_status("streaming")
    live.wait_for_frames(3)
    expect(notice).to_be_hidden()


def test_a_full_server_says_so(live, server, tab):
    path = "/ws/video/stream?pipeline_id=noop"
    with server.websocket_connect(path), server.websocket_connect(path):
        live.button("Start").click()
        expect(live.notice()).to_contain_text("The server is full")
        expect(live.notice()).to_contain_text("STREAM_MAX_SESSIONS")


def test_observers_see_every_live_session_and_its_ledger(live, server):
    live.start()
    row = live.page.locator("#sessions tr.own")
    expect(row).to_contain_text("(this page)")
    expect(row).to_contain_text("yolo_ocr")
    expect(row).to_contain_text(re.compile(r"\d+ = \d+( \+ \d+){5}"))
    with server.websocket_connect("/ws/video/stream?pipeline_id=noop"):
        expect(live.page.locator("#sessions tbody tr")).to_have_count(2)
    expect(live.page.locator("#sessions tbody tr")).to_have_count(1)
    live.stop()
    expect(live.page.locator("#sessions")).to_contain_text("Nobody streams.")


def test_all_of_it_can_be_reached_by_the_keyboard(live):
    reached = []
    live.page.locator("body").click(position={"x": 5, "y": 5})
    for _ in range(25):
        live.page.keyboard.press("Tab")
        reached.append(
            live.page.evaluate(
                """() => {
                    const inside = document.activeElement.shadowRoot?.activeElement;
                    return inside?.dataset.setting || inside?.textContent.slice(0, 14)
                        || inside?.labels?.[0]?.textContent || '';
                }"""
            )
        )
    for wanted in ("Start", "fps", "drop_threshold", "slowdown_threshold", "window_s"):
        assert wanted in reached


def test_nothing_is_asked_of_anybody_else_and_no_rule_of_the_page_is_broken(tab, server):
    """Of all that the tests before this one did."""
    allowed = (server.base_url, "ws" + server.base_url.removeprefix("http"), "blob:", "data:")
    assert tab.asked
    assert [url for url in tab.asked if not url.startswith(allowed)] == []
    assert [line for line in tab.said if "Content Security Policy" in line or "Error" in line] == []


def test_it_is_as_sharp_as_the_screen_in_any_size_and_theme(chrome, clip, server):
    with chromium_page(chrome, camera_flags(clip), scale=2, color_scheme="dark") as page:
        page.goto(f"{server.base_url}/?token={TOKEN}")
        live = LiveOnPage(page)
        expect(live.root).to_have_attribute("data-theme", "dark")
        live.start()
        widths = []
        for width in (1240, 500):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function(
                """root => {
                    const canvas = root.querySelector('figure canvas');
                    const { width, height } = canvas.getBoundingClientRect();
                    return Math.abs(canvas.width - 2 * width) <= 1
                        && Math.abs(canvas.height - 2 * height) <= 1
                        && Math.abs(width / height - 4 / 3) < 0.02;
                }""",
                arg=live.root.element_handle(),
            )
            widths.append(live.drawn(1)[0]["image"].shape[1])
        assert widths[0] > widths[1] > 600
        page.emulate_media(color_scheme="light")
        expect(live.root).to_have_attribute("data-theme", "light")
        background = live.root.evaluate("root => getComputedStyle(root).backgroundColor")
        assert background == "rgb(255, 255, 255)"


def test_a_camera_that_sees_real_things_shows_their_names_at_once(chrome, server, tmp_path):
    """Nothing is chosen: the page is opened, and Start is pressed."""
    clip = write_y4m(tmp_path / "clip.y4m", "photographs", stride=3)
    seen = {"person": 20, "cat": 5}
    there, found = Counter(), Counter()
    with chromium_page(chrome, camera_flags(clip)) as page:
        page.goto(f"{server.base_url}/?token={TOKEN}")
        live = LiveOnPage(page)
        live.start()
        for _ in range(20):
            drawn = live.drawn(15)
            for total, more in zip(
                (there, found), found_by_name(drawn, "photographs", set(seen)), strict=True
            ):
                total.update(more)
            # a box over another hides some of its edge
            assert sum(map(share_of_edges_drawn, drawn)) / len(drawn) > 0.6
            if all(there[label] >= count for label, count in seen.items()):
                break
        live.stop()
    assert all(there[label] >= count for label, count in seen.items()), there
    assert all(found[label] > 0.9 * there[label] for label in seen), (there, found)


def test_a_source_brings_its_pipeline_until_one_is_chosen(tab, server):
    tab.goto(f"{server.base_url}/?token={TOKEN}")
    live = LiveOnPage(tab)
    pipeline = live.root.get_by_label("Pipeline", exact=True)
    expect(pipeline).to_have_value("everyday")
    for source, expected in [("gate_easy", "yolo_ocr"), ("photographs", "everyday")]:
        live.choose("Source", source)
        expect(pipeline).to_have_value(expected)
    live.start()
    live.choose("Source", "gate_easy")
    live.wait_for_frames(3)
    [session] = server.get("/streamlab/sessions").json()["sessions"]
    assert session["pipeline_id"] == "yolo_ocr"
    live.choose("Pipeline", "noop")
    live.choose("Source", "camera")
    live.wait_for_frames(3)
    expect(pipeline).to_have_value("noop")
    live.stop()


def test_the_token_is_asked_for_once(chrome, clip, server):
    with chromium_page(chrome, camera_flags(clip)) as page:
        page.goto(server.base_url)
        page.get_by_label("This server asks for its token").fill("wrong")
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("alert").first).to_have_text("That is not its token.")
        page.get_by_label("This server asks for its token").fill(TOKEN)
        page.get_by_role("button", name="Open").click()
        LiveOnPage(page).start()
        page.reload()
        LiveOnPage(page).start()
        assert TOKEN not in page.url


@pytest.mark.parametrize(
    ("flags", "words"),
    [((REFUSE_CAMERA, FAKE_CAMERA), "The camera is not allowed"), ((), "There is no camera")],
)
def test_a_camera_that_is_refused_or_not_there_is_told(chrome, server, flags, words):
    with chromium_page(chrome, flags) as page:
        page.goto(f"{server.base_url}/?token={TOKEN}")
        live = LiveOnPage(page)
        live.button("Start").click()
        expect(live.notice()).to_contain_text(words)
        live.choose("Source", "gate_easy")
        live.start()


def test_a_lost_server_is_told_and_found_again(chrome, clip, tmp_path):
    with chromium_page(chrome, camera_flags(clip)) as page:
        with ServerProcess() as server:
            port = server.base_url.rpartition(":")[2]
            page.goto(f"{server.base_url}/?token={server.token}")
            live = LiveOnPage(page)
            live.start()
        expect(live.notice()).to_contain_text("The server cannot be reached")
        expect(live.notice()).to_contain_text(re.compile("Next attempt in|Trying now"))
        live.wait_for_status("lost")
        with ServerProcess(["--port", port, "--token", server.token]):
            live.wait_for_status("streaming")
            live.wait_for_frames(5)
            expect(live.root.locator(".notice")).to_be_hidden()
            recording = Recording.load(live.download("Save recording", tmp_path))
    assert recording.frames["session"].nunique() == 2
    assert recording.sessions[0]["error"].startswith("connection_lost")


def test_a_server_that_is_not_there_yet_is_waited_for_and_one_with_another_token_asks(chrome, clip):
    with chromium_page(chrome, camera_flags(clip)) as page:
        with ServerProcess() as server:
            port = server.base_url.rpartition(":")[2]
            page.goto(f"{server.base_url}/?token={server.token}")
            live = LiveOnPage(page)
        live.button("Start").click()
        expect(live.notice()).to_contain_text("The server cannot be reached")
        with ServerProcess(["--port", port, "--token", TOKEN]):
            page.get_by_label("This server asks for its token").fill(TOKEN)
            page.get_by_role("button", name="Open").click()
            live.wait_for_status("streaming")
            live.wait_for_frames(3)


def test_a_line_that_freezes_is_given_up_and_another_one_taken(chrome, clip, server):
    """A network between page and server that one day passes nothing on, and says nothing."""
    with chromium_page(chrome, camera_flags(clip)) as page, Line(server.base_url) as line:
        page.goto(f"{line.base_url}/?token={TOKEN}")
        live = LiveOnPage(page)
        live.choose("Pipeline", "noop")
        live.start()
        line.freeze()
        live.wait_for_status("lost")
        live.wait_for_status("streaming")
        live.wait_for_frames(3)
        line.freeze()
        live.stop()


def test_odd_answers_of_a_tool_cost_the_view_nothing(live):
    live.choose("Pipeline", "odd")
    live.start()
    live.wait_for_frames(3)
    assert "<b>bold</b>" in live.root.locator(".readings").inner_text()
    assert live.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    live.page.wait_for_function(
        "canvas => canvas.getContext('2d').getTransform().isIdentity",
        arg=live.root.locator("figure canvas").element_handle(),
    )
