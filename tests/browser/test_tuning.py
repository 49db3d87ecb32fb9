"""The panels in JupyterLab in a real Chromium: a slider moves, picture and figures follow."""

import pytest

playwright = pytest.importorskip("playwright", reason="needs playwright: pip install playwright")
pytest.importorskip("jupyterlab", reason="needs JupyterLab: pip install jupyterlab")

from lab_page import PanelOnPage, chromium, lab_page  # noqa: E402

if chromium() is None:
    pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM", allow_module_level=True)


@pytest.fixture(scope="module")
def page():
    with lab_page() as page:
        yield page


def test_moving_a_threshold_panels_slider_moves_picture_and_figures(page):
    panel = PanelOnPage(page, "streamlab-tune")
    before, figures = panel.pictures(), panel.figures()
    rate = panel.handle("rate (fps)")
    rate.press("End")
    assert panel.wait_for_other_pictures(before) != before
    moved = panel.wait_for_other_figures(figures)
    assert moved.keys() == figures.keys()
    panel.button("Back to the start").click()
    assert panel.wait_for_other_figures(moved) == figures
    assert rate.get_attribute("aria-valuenow") == "30.0"


def test_a_threshold_is_pushed_along_on_the_page(page):
    panel = PanelOnPage(page, "streamlab-tune")
    panel.handle("drop threshold").press("End")
    page.wait_for_function(
        "handle => Number(handle.getAttribute('aria-valuenow')) === 1",
        arg=panel.handle("slow-down threshold").element_handle(),
    )


def test_buttons_say_what_came_of_them_and_export_shows_text_to_copy(page):
    panel = PanelOnPage(page, "streamlab-tune")
    panel.button("Apply to the running stream").click()
    panel.root.get_by_text("no session of this lab is running").wait_for()
    panel.button("Export").click()
    text = panel.root.locator("textarea")
    text.wait_for()
    assert "STREAM_DROP_THRESHOLD=" in text.input_value()


def test_moving_a_detection_panels_sliders_moves_frame_curve_and_figures(page):
    panel = PanelOnPage(page, "streamlab-tune-detection")
    before, figures = panel.pictures(), panel.figures()
    assert len(before) == 2
    panel.handle("score threshold").press("End")
    panel.wait_for_other_pictures(before)
    moved = panel.wait_for_other_figures(figures)
    assert (moved["detections"], moved["recall"], moved["here"]) == ("0", "0.0 %", "0")
    [frame, _] = panel.pictures()
    panel.handle("frame").press("Home")
    panel.wait_for_other_pictures([frame, ""])


SCROLLING = """root => {
    const scrolls = element => {
        const {overflowX, overflowY} = getComputedStyle(element), {tagName} = element;
        return tagName !== 'TEXTAREA' && (
            element.scrollWidth > element.clientWidth + 1 && /auto|scroll/.test(overflowX)
            || element.scrollHeight > element.clientHeight + 1 && /auto|scroll/.test(overflowY));
    };
    const found = [...root.querySelectorAll('*')].filter(scrolls);
    for (let e = root; !e.classList.contains('jp-WindowedPanel-outer'); e = e.parentElement)
        if (scrolls(e)) found.push(e);
    return found.map(element => element.className);
}"""


@pytest.mark.parametrize("css", ["streamlab-tune", "streamlab-tune-detection"])
@pytest.mark.parametrize("width", [1200, 900])
def test_nothing_of_a_panel_scrolls_by_itself(page, css, width):
    before = page.viewport_size
    page.set_viewport_size({**before, "width": width})
    panel = PanelOnPage(page, css)
    panel.pictures()
    assert panel.root.evaluate(SCROLLING) == []
    page.set_viewport_size(before)
