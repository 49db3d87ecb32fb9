"""How the parts of a page stand beside each other at several widths, in a real Chromium."""

import pytest

playwright = pytest.importorskip("playwright", reason="needs playwright: pip install playwright")

from lab_page import chromium  # noqa: E402

if chromium() is None:
    pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM", allow_module_level=True)

from live_page import LiveOnPage, chromium_page, pipelines_of_tests  # noqa: E402
from playwright.sync_api import expect, sync_playwright  # noqa: E402

from streamlab.testing import TestClient  # noqa: E402

ONE_LINE_PX = 24


@pytest.fixture(scope="module")
def live():
    with (
        TestClient(pipelines=pipelines_of_tests()) as server,
        sync_playwright() as chrome,
        chromium_page(chrome) as page,
    ):
        page.goto(server.base_url)
        live = LiveOnPage(page)
        live.choose("Source", "gate_easy")
        live.start()
        expect(page.locator("#sessions tbody tr")).to_have_count(1)
        yield live
        live.stop()


def box(locator):
    return locator.bounding_box()


@pytest.mark.parametrize("width", [1200, 800])
def test_the_parts_of_a_page_have_room(live, width):
    live.page.set_viewport_size({"width": width, "height": 900})
    badge, status = box(live.root.locator(".badge")), box(live.root.locator(".status"))
    assert abs(badge["y"] + badge["height"] / 2 - status["y"] - status["height"] / 2) < 4
    assert 0 < status["x"] - badge["x"] - badge["width"] < 20
    for caption in live.root.locator(".setting label").all():
        assert box(caption)["height"] < ONE_LINE_PX, caption.inner_text()
    pipeline = live.root.get_by_label("Pipeline", exact=True)
    # the titles of the built-in pipelines are read to their end
    assert pipeline.evaluate(
        """select => {
            const pen = document.createElement('canvas').getContext('2d');
            pen.font = getComputedStyle(select).font;
            return pen.measureText(select.selectedOptions[0].text).width < select.clientWidth - 30;
        }"""
    )
    assert live.page.locator("#sessions .scroll").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert live.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
