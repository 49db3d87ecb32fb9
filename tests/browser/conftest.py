"""Fixtures of pages in Chromium; makes `lab_page` importable, which the docs' pictures use too."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="module")
def server():
    """A standalone server that has the tests' pipelines."""
    from live_page import pipelines_of_tests

    from streamlab.testing import TestClient

    with TestClient(pipelines=pipelines_of_tests()) as client:
        yield client


@pytest.fixture(scope="module")
def chrome():
    """Playwright, which starts browsers."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def tab(chrome):
    """A tab of a Chromium without a camera."""
    from live_page import chromium_page

    with chromium_page(chrome) as page:
        yield page


@pytest.fixture
def live(tab, server):
    """The server's page, freshly loaded, with a sample as its source."""
    from live_page import LiveOnPage

    tab.goto(server.base_url)
    live = LiveOnPage(tab)
    live.choose("Source", "gate_easy")
    yield live
    if live.root.get_attribute("data-status") in ("streaming", "loading"):
        live.stop()


@pytest.fixture
def page(jupyter, request):
    """A tab of the module's `jupyter`, freshly loaded: `START` is a path and what to wait for."""
    page, server = jupyter
    path, ready = request.module.START
    page.goto(f"{server.base_url}{path}token={server.token}")
    page.locator(ready).wait_for()
    yield page
    page.unroute_all()
