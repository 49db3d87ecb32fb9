"""The live view in Notebook 7, which has no launcher: in a real Chromium."""

import sys

import pytest

playwright = pytest.importorskip("playwright", reason="needs playwright: pip install playwright")
pytest.importorskip("notebook", reason="needs Notebook: pip install notebook")

from lab_page import LIVE_VIEW, TIMEOUT_MS, chromium, open_jupyter  # noqa: E402
from playwright.sync_api import expect  # noqa: E402

if chromium() is None:
    pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM", allow_module_level=True)

expect.set_options(timeout=TIMEOUT_MS)
COMMAND = (sys.executable, "-m", "notebook", "--expose-app-in-browser")
START = ("/tree?", ".jp-DirListing-content")
KERNELS = "**/api/kernelspecs*"


@pytest.fixture(scope="module")
def jupyter():
    with open_jupyter(COMMAND) as opened:
        yield opened


def item(page):
    return page.locator(".lm-Menu-item").filter(has_text=LIVE_VIEW)


def open_new_button(page):
    page.locator(".jp-DropdownMenu").get_by_text("New", exact=True).click()


def assert_opens_the_live_view(page, click):
    with page.context.expect_page() as caught:
        click()
    opened = caught.value
    expect(opened.locator(".live")).to_be_visible()
    assert opened.url.endswith("/lab-bench/streamlab/live")
    opened.close()


def test_the_button_new_over_the_files_opens_the_live_view(page):
    open_new_button(page)
    expect(item(page)).to_have_count(1)
    assert_opens_the_live_view(page, item(page).click)


def test_the_item_stays_when_the_kernels_change(page):
    def with_another(route):
        answer = route.fetch()
        told = answer.json()
        (name,) = told["kernelspecs"]
        another = told["kernelspecs"][name] | {"name": "another"}
        told["kernelspecs"]["another"] = another
        route.fulfill(response=answer, json=told)

    page.route(KERNELS, with_another)
    with page.expect_response(KERNELS):
        page.evaluate("jupyterapp.serviceManager.kernelspecs.refreshSpecs()")
    open_new_button(page)
    expect(page.locator(".lm-Menu-item").filter(has_text="ipykernel")).to_have_count(2)
    expect(item(page)).to_have_count(1)


def test_the_menu_file_new_opens_the_live_view(page):
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.locator(".lm-Menu-item").filter(has_text="New").first.hover()
    expect(item(page)).to_have_count(1)
    assert_opens_the_live_view(page, item(page).click)


def test_the_command_palette_opens_the_live_view(page):
    page.keyboard.press("Control+Shift+C")
    page.locator(".lm-CommandPalette-input").fill("streamlab")
    command = page.locator(".lm-CommandPalette-item").filter(has_text=LIVE_VIEW)
    assert_opens_the_live_view(page, command.click)
