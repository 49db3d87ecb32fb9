"""JupyterLab's card and command for the live view, in a real Chromium."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright", reason="needs playwright: pip install playwright")
pytest.importorskip("jupyterlab", reason="needs JupyterLab: pip install jupyterlab")

from lab_page import LIVE_VIEW, TIMEOUT_MS, chromium, open_lab  # noqa: E402
from live_page import LiveOnPage  # noqa: E402
from playwright.sync_api import expect  # noqa: E402

if chromium() is None:
    pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM", allow_module_level=True)

expect.set_options(timeout=TIMEOUT_MS)
EXTENSION = Path(__file__).parents[2] / "extension" / "labextension"
START = ("/lab?reset&", ".jp-Launcher")
BASE_URL = "/lab-bench"
XSRF_OF_ANOTHER = "2|5d2c8f0a|9d1e4a77b0c35f21866e4f90d2a7c415|1700000000"
"""As a Jupyter server that answers at `/` sets it for its whole host, whatever the port."""
# a predicate cannot wait: it asks, and looks at what was answered last
SESSIONS = """([url, count]) => {
    fetch(url).then(answer => answer.json()).then(({sessions}) => {
        window.sessionsNow = sessions.length;
    });
    return window.sessionsNow === count;
}"""


@pytest.fixture(scope="module")
def jupyter():
    with open_lab() as opened:
        yield opened


def card(page):
    return page.locator(".jp-LauncherCard").filter(has_text=LIVE_VIEW)


def tab(page):
    return page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab").filter(has_text="Live View")


def choose_in_palette(page):
    page.get_by_role("menuitem", name="View", exact=True).click()
    page.get_by_role("menuitem", name="Activate Command Palette").click()
    page.locator(".lm-CommandPalette-input").fill("streamlab")
    page.locator(".lm-CommandPalette-item").filter(has_text=LIVE_VIEW).click()


def wait_for_sessions(jupyter, count):
    page, server = jupyter
    page.wait_for_function(
        SESSIONS, arg=[f"{server.base_url}/streamlab/sessions", count], polling=100
    )


def test_the_extension_has_the_version_of_the_package():
    package = json.loads((EXTENSION / "package.json").read_text())
    assert package["version"] == version("jupyter-streamlab")


def test_the_card_opens_a_view_that_streams_and_ends_its_session_with_its_tab(jupyter, page):
    card(page).click()
    view = page.locator(".jp-MainAreaWidget .live")
    expect(view).to_be_visible()
    expect(page.locator(".jp-Launcher")).to_have_count(0)  # the view has taken its place
    page.evaluate(
        """() => { window.drawn = new Promise(done => document.addEventListener(
            'streamlab-drawn', event => done(event.detail.frame_index), {once: true})); }"""
    )
    view.get_by_label("Source").select_option(label="Sample: gate_easy")
    view.get_by_role("button", name="Start", exact=True).click()
    expect(view).to_have_attribute("data-status", "streaming")
    assert page.evaluate("window.drawn") >= 0
    wait_for_sessions(jupyter, 1)
    tab(page).locator(".lm-TabBar-tabCloseIcon").click()
    expect(view).to_have_count(0)
    wait_for_sessions(jupyter, 0)


def test_the_command_palette_opens_a_view_beside_another(page):
    card(page).click()
    page.locator(".live").wait_for()
    choose_in_palette(page)
    expect(tab(page)).to_have_count(2)
    expect(page.locator(".live").filter(visible=True)).to_have_count(1)


def test_the_command_is_there_without_a_launcher(jupyter, page):
    def without_launcher(route):
        answer = route.fetch()
        body = answer.text()
        disabled = '"disabledExtensions": ["@jupyterlab/launcher-extension"]'
        assert '"disabledExtensions": []' in body
        route.fulfill(response=answer, body=body.replace('"disabledExtensions": []', disabled))

    _, server = jupyter
    page.route(re.compile(r"/lab\?reset"), without_launcher)
    page.goto(f"{server.base_url}/lab?reset&token={server.token}")
    choose_in_palette(page)
    expect(page.locator(".live")).to_be_visible()
    expect(page.locator(".jp-Launcher")).to_have_count(0)


def test_a_server_without_streamlab_is_told_of_in_plain_words(page):
    page.route("**/streamlab/web/**", lambda route: route.fulfill(status=404, body="{}"))
    card(page).click()
    told = page.locator(".jp-MainAreaWidget [role=alert]")
    expect(told).to_contain_text("There is no streamlab at http")
    expect(told).to_contain_text("jupyter server extension list")


def test_who_is_logged_out_is_told_so_in_plain_words(page):
    page.context.clear_cookies()
    card(page).click()
    view = page.locator(".jp-MainAreaWidget .live")
    expect(view).to_contain_text("The server does not let this page in")
    expect(view).to_contain_text("Reload the page to log in again")


def test_a_cookie_of_another_server_of_this_host_keeps_no_setting_from_a_session(jupyter, page):
    _, server = jupyter
    page.context.add_cookies(
        [{"name": "_xsrf", "value": XSRF_OF_ANOTHER, "url": server.base_url.removesuffix(BASE_URL)}]
    )
    card(page).click()
    view = LiveOnPage(page)
    view.choose("Source", "gate_easy")
    view.choose("Pipeline", "noop")
    view.start()
    with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        view.setting("drop_threshold").fill("0.2")
    view.stop()
