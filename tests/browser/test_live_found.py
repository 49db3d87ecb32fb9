"""What a page says of what is found, and the choice of what is shown of it, in a real Chromium."""

import gzip
import json
import re

import pytest

playwright = pytest.importorskip("playwright", reason="needs playwright: pip install playwright")

from lab_page import chromium  # noqa: E402

if chromium() is None:
    pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM", allow_module_level=True)

from playwright.sync_api import expect  # noqa: E402
from truth_on_page import share_of_edges_drawn  # noqa: E402

from streamlab.client.http import ask  # noqa: E402


def counts(live):
    return live.root.locator(".counts")


def labels_of(frames):
    return {found["label"] for frame in frames for found in frame["result"]["detections"]}


def choose_labels(live, *wanted):
    """Choose just these labels."""
    details = live.root.locator("details.labels")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    live.button("None").click()
    for label in wanted:
        details.get_by_label(label, exact=True).check()


def test_what_is_found_is_counted_by_label_with_its_tracks(live):
    live.start()
    expect(counts(live)).to_have_text(
        re.compile(r"^\d vehicle, \d plate · \d+ tracks, \d+ in this run$|^\d plate, \d vehicle · ")
    )


def test_the_counts_are_those_of_the_frame_on_show(live):
    live.start()
    live.wait_for_frames(3)
    live.root.evaluate(
        """root => {
          window.counted = [];
          document.addEventListener("streamlab-drawn", ({ detail }) => {
            const labels = detail.result.detections.map(({ label }) => label);
            counted.push([root.querySelector(".counts").textContent, labels]);
          });
        }"""
    )
    live.wait_for_frames(60)
    pairs = live.page.evaluate("counted")
    assert len({words for words, _ in pairs}) > 1
    for words, labels in pairs:
        for label in set(labels):
            assert f"{labels.count(label)} {label}" in words


def test_a_label_that_is_hidden_is_not_drawn_on_any_frame_from_then_on(live):
    live.start()
    expect(counts(live)).to_contain_text("plate")
    expect(live.root.locator(".texts").first).to_contain_text("plate")
    choose_labels(live, "vehicle")
    # those of now included that were answered before the session could know
    frames = live.drawn(25)
    assert labels_of(frames) == {"vehicle"}
    assert min(share_of_edges_drawn(frame) for frame in frames) > 0.5
    expect(counts(live)).not_to_contain_text("plate")
    expect(live.root.locator(".texts").filter(has_text="plate")).to_have_count(0)
    expect(live.root.locator(".labels summary")).to_have_text("Labels: vehicle")
    live.button("All").click()
    expect(counts(live)).to_contain_text("plate")


def test_the_picture_that_stands_is_drawn_anew_with_what_is_chosen(live):
    live.start()
    expect(counts(live)).to_contain_text("plate")
    live.wait_for_frames(20)
    live.stop()
    result = live.root.evaluate(
        """root => new Promise(done => {
            const drawn = ({detail}) => done(detail.result);
            root.addEventListener('streamlab-drawn', drawn, {once: true});
            const slider = root.querySelector('[data-setting=min_score]');
            slider.value = 1;
            slider.dispatchEvent(new Event('input'));
        })"""
    )
    assert result["detections"] == []
    expect(counts(live)).to_contain_text("hidden by your choice")


def test_a_threshold_hides_what_is_less_sure_and_is_kept_in_the_recording(live, tmp_path):
    live.start()
    live.setting("min_score").fill("0.8")
    frames = live.drawn(15)
    scores = [found["score"] for frame in frames for found in frame["result"]["detections"]]
    assert scores
    assert min(scores) >= 0.8
    wanted = 'min_score=0.8, labels=["vehicle"]'
    choose_labels(live, "vehicle")
    live.wait_for_frames(5)
    live.stop()
    saved = live.download("Save recording", tmp_path)
    lines = [json.loads(line) for line in gzip.decompress(saved.read_bytes()).splitlines()]
    events = [line["event"] for line in lines if line.get("event", {}).get("kind") == "setting"]
    assert events[0]["detail"] == "min_score=0.8, labels=null"
    assert events[-1]["detail"] == wanted


def test_what_is_changed_elsewhere_is_shown(live, server):
    """As `lab.apply` of a notebook does, or another page."""
    live.start()
    expect(counts(live)).to_contain_text("vehicle")
    [session] = server.get("/streamlab/sessions").json()["sessions"]
    path = f"/streamlab/sessions/{session['session_id']}"
    ask(server.base_url, path, patch={"drop_threshold": 0.25, "labels": ["plate"]})
    expect(live.root.locator("details.labels summary")).to_contain_text("plate")
    expect(live.setting("drop_threshold")).to_have_value("0.25")
    live.setting("drop_threshold").fill("0.2")
    live.wait_for_frames(1)
    while (seen := server.get(path).json())["drop_threshold"] != 0.2:
        live.wait_for_frames(1)
    assert seen["labels"] == ["plate"], "what was changed elsewhere stays"


def test_the_session_is_told_where_the_pipeline_allows_it_and_only_there(live, server):
    pipelines = server.get("/streamlab/pipelines").json()["pipelines"]
    [described] = [each for each in pipelines if each["id"] == "yolo_ocr"]
    live.start()
    live.setting("min_score").fill("0.7")
    live.wait_for_frames(5)
    [seen] = server.get("/streamlab/sessions").json()["sessions"]
    if not described.get("detects"):
        assert "min_score" not in seen
        return
    while seen["min_score"] != 0.7:
        live.wait_for_frames(1)
        [seen] = server.get("/streamlab/sessions").json()["sessions"]
    live.stop()
    live.start()
    [seen] = server.get("/streamlab/sessions").json()["sessions"]
    assert seen["min_score"] == 0.7


def test_nothing_found_is_said_with_what_to_do_about_it(live):
    live.choose("Pipeline", "blind")
    live.start()
    expect(counts(live)).to_have_text("Nothing found")
    nothing = live.root.locator(".nothing")
    expect(nothing).to_contain_text(re.compile("model knows: |does not tell"))
    expect(nothing.get_by_text("STREAM_YOLO_WEIGHTS")).to_be_hidden()
    live.button("use another model").click()
    expect(nothing.get_by_text("STREAM_YOLO_WEIGHTS")).to_be_visible()
    expect(nothing).to_contain_text('pip install "jupyter-streamlab[ultralytics]"')
    expect(nothing.locator("li:visible").first).to_contain_text("everyday finds 80 everyday things")
    assert nothing.locator("a").count() == 0
    # the code of a notebook makes what it says
    code = nothing.locator("pre").inner_text()
    names = {}
    exec(code.partition("lab =")[0], names)
    assert "mine" in names["pipelines"]


def test_a_pipeline_that_detects_nothing_is_asked_for_no_choice(live):
    live.choose("Pipeline", "noop")
    live.start()
    expect(live.root.locator(".found")).to_be_hidden()


def test_eighty_labels_can_be_searched_and_chosen(live):
    live.choose("Pipeline", "many")
    live.start()
    details = live.root.locator("details.labels")
    details.locator("summary").click()
    expect(details.locator(".option")).to_have_count(80)
    live.button("None").click()
    expect(details.locator("summary")).to_have_text("Labels: none")
    live.root.get_by_label("Search labels").fill("label 7")
    expect(details.locator(".option:visible")).to_have_count(11)
    details.get_by_label("label 77", exact=True).check()
    assert labels_of(live.drawn(3)) == {"label 77"}
    expect(counts(live)).to_have_text("1 label 77 · 79 hidden by your choice")
    # what is not told to the session, because no model knows it, is not hidden by it either
    live.stop()
    live.start()
    expect(counts(live)).to_have_text("1 label 77 · 79 hidden by your choice")
    expect(details.locator(".option")).to_have_count(80)
    assert live.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_another_pipeline_takes_over_of_a_choice_what_its_model_knows(live):
    live.start()
    live.setting("min_score").fill("0.6")
    choose_labels(live, "plate")
    summary = live.root.locator("details.labels summary")
    expect(summary).to_have_text("Labels: plate")
    live.choose("Pipeline", "yolo")
    expect(summary).to_have_text("Labels: plate")
    live.choose("Pipeline", "everyday")
    expect(summary).to_have_text("Labels: all 80")
    expect(live.root.locator(".option").filter(has_text="plate")).to_have_count(0)
    expect(live.setting("min_score")).to_have_value("0.6")
    choose_labels(live, "car")
    live.choose("Pipeline", "many")
    expect(counts(live)).to_contain_text("1 label 0")
    expect(summary).to_have_text("Labels: all 80")


def test_the_heading_of_a_value_is_its_own(live):
    live.choose("Pipeline", "brightness")
    live.start()
    expect(live.root.locator(".readings h3")).to_have_text("Brightness")
    expect(live.root.locator(".texts")).to_have_text(re.compile(r"^\d+(\.\d+)?$"))
