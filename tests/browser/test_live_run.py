"""What a page shows is of its run: nothing outlives the run that it belongs to."""

import re

import pytest

playwright = pytest.importorskip("playwright", reason="needs playwright: pip install playwright")

from lab_page import chromium  # noqa: E402

if chromium() is None:
    pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM", allow_module_level=True)

from live_page import LiveOnPage, chromium_page, still_video  # noqa: E402
from playwright.sync_api import expect  # noqa: E402
from slow_line import Line  # noqa: E402

from streamlab.media.samples import sample_path  # noqa: E402

IS_BLACK = """canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    .data.every((value, at) => at % 4 === 3 || value < 8)"""


def choose_file(live, path):
    """Pick a file in the view, be it the second one."""
    again = live.button("Choose…")
    with live.page.expect_file_chooser() as chooser:
        if again.is_visible():
            again.click()
        else:
            live.choose("Source", "file")
    chooser.value.set_files(path)


def expect_nothing_shown(live):
    """Look for what a run leaves: picture, texts, counts, figures."""
    expect(live.root.locator(".texts")).to_have_count(0)
    expect(live.root.locator("figure canvas")).to_have_attribute("aria-label", "No picture yet")
    expect(live.root.locator("figcaption")).to_have_text("no picture yet")
    live.page.wait_for_function(IS_BLACK, arg=live.canvas())
    expect(live.button("Snapshot")).to_be_disabled()
    expect(live.root.locator("[data-figure=p50_ms]")).not_to_have_text(re.compile(r"\d"))
    expect(live.root.locator("[data-figure=answered]")).to_have_text(re.compile(r"^0\.0 fps, 0$"))


def stream_until_read(live):
    """Stream until a text is listed."""
    live.start()
    expect(live.root.locator(".texts b").first).to_be_visible()


def test_a_file_that_cannot_be_played_has_no_picture_and_no_texts_of_the_source_before(
    live, tmp_path
):
    stream_until_read(live)
    live.stop()
    path = tmp_path / "notes.mp4"
    path.write_text("no video")
    choose_file(live, path)
    live.button("Start").click()
    expect(live.notice()).to_contain_text("cannot play the video: notes.mp4")
    expect_nothing_shown(live)


def test_another_source_takes_over_with_nothing_of_the_one_before(live):
    stream_until_read(live)
    live.choose("Pipeline", "yolo")
    live.wait_for_frames(3)
    expect(live.root.locator(".texts")).to_have_count(0)
    live.stop()
    live.choose("Source", "conveyor_fast")
    expect_nothing_shown(live)
    # what became of its frames can still be saved
    expect(live.button("Save recording")).to_be_enabled()
    live.button("Start").click()
    expect(live.button("Save recording")).to_be_disabled()
    live.wait_for_status("streaming")


def test_a_run_that_failed_is_not_held_against_the_next_settings(live, tmp_path):
    path = tmp_path / "notes.mp4"
    path.write_text("no video")
    choose_file(live, path)
    live.button("Start").click()
    expect(live.notice()).to_contain_text("cannot play the video")
    live.wait_for_status("failed")
    live.choose("Source", "gate_easy")
    expect(live.root.locator(".notice")).to_be_hidden()
    live.wait_for_status("stopped")


def test_a_file_in_the_place_of_one_that_failed_is_another_one(live, tmp_path):
    path = tmp_path / "notes.mp4"
    path.write_text("no video")
    choose_file(live, path)
    live.button("Start").click()
    live.wait_for_status("failed")
    choose_file(live, sample_path("gate_sparse"))
    expect(live.root.locator(".notice")).to_be_hidden()
    live.start()


def test_a_video_of_one_frame_is_shown_again_and_again(live, tmp_path):
    choose_file(live, still_video(tmp_path / "still.webm"))
    live.start()
    live.wait_for_frames(5)
    first, second = live.drawn(2)
    assert (first["video_frame"], second["video_frame"]) == (0, 0)
    assert first["result"]["detections"]
    expect(live.root.locator(".status")).to_have_text("streaming")


def test_a_source_that_gives_no_frames_is_not_called_streaming(live):
    live.page.evaluate(
        """() => {
            window.videos = [];
            const play = HTMLVideoElement.prototype.play;
            HTMLVideoElement.prototype.play = function () {
                videos.push(this);
                return play.call(this);
            };
        }"""
    )
    live.start()
    live.page.evaluate("videos.at(-1).pause()")
    expect(live.root.locator(".status")).to_have_text("the source gives no new frames")
    live.page.evaluate("videos.at(-1).play()")
    expect(live.root.locator(".status")).to_have_text("streaming")


def test_what_is_listed_as_now_is_what_stands_on_the_last_picture(live):
    live.choose("Source", "conveyor_fast")
    live.page.evaluate(
        "document.addEventListener('streamlab-drawn', ({detail}) => { window.last = detail; })"
    )
    stream_until_read(live)
    live.wait_for_frames(30)
    live.stop()
    live.page.wait_for_function(
        """root => {
            const lines = [...root.querySelectorAll('.texts li:not(.gone)')];
            const listed = lines.map(line => line.innerText);
            const drawn = last.result.detections.filter(each => each.text)
                .map(each => `${each.label} #${each.track_id} ${each.text}`);
            const spoken = root.querySelector('figure canvas').getAttribute('aria-label');
            return drawn.length === listed.length && drawn.every(text => listed.includes(text))
                && spoken.startsWith(`Frame ${last.frame_index}:`);
        }""",
        arg=live.root.element_handle(),
    )


def test_a_tab_that_is_closed_leaves_the_list_of_sessions(live, server):
    other = live.page.context.browser.new_page()
    other.goto(server.base_url)
    others = LiveOnPage(other)
    others.choose("Source", "gate_easy")
    others.start()
    rows = live.page.locator("#sessions tbody tr")
    expect(rows).to_have_count(1)
    other.close()
    expect(rows).to_have_count(0)
    expect(live.page.locator("#sessions")).to_contain_text("Nobody streams.")


def test_a_list_of_sessions_that_is_not_renewed_is_shown_no_longer(chrome, server):
    with chromium_page(chrome) as page, Line(server.base_url) as line:
        page.goto(line.base_url)
        rows = page.locator("#sessions tbody tr")
        with server.websocket_connect("/ws/video/stream?pipeline_id=noop"):
            expect(rows).to_have_count(1)
            line.freeze()
        expect(page.locator("#sessions")).to_contain_text("Nobody streams.")
        expect(rows).to_have_count(0)
