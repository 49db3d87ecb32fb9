"""The documentation's blocks that need a browser, run as a reader runs them."""

import os
import re
import shlex
import sys
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright", reason="needs playwright: pip install playwright")
pytest.importorskip("jupyterlab", reason="needs JupyterLab: pip install jupyterlab")

from lab_page import NEVER, TIMEOUT_MS, chromium, open_lab, open_notebook, run_cell  # noqa: E402

if chromium() is None:
    pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM", allow_module_level=True)

from doc_blocks import (  # noqa: E402
    IN_BROWSER,
    NEEDS_JUPYTERLAB,
    blocks_to_run,
    commands_of,
    examples_in_browser,
    pages_to_run,
)
from hosts import jupyter_process  # noqa: E402
from live_page import LiveOnPage  # noqa: E402
from playwright.sync_api import expect  # noqa: E402

from streamlab.testing import TestClient  # noqa: E402

PYTHON = {page: [block.code for block in pages_to_run("python")[page]] for page in IN_BROWSER}
PYTHON["LiveView?"] = examples_in_browser()
SCRIPTS = blocks_to_run("js")
COMMANDS = [
    command
    for block in blocks_to_run("sh")
    for command in commands_of(block)
    if command.startswith(NEEDS_JUPYTERLAB)
]
TO_THIS_MACHINE = "local-network-access"
"""A page that the test hands out itself is not of the server's address for Chromium."""
STARTS = ".start()"
SEEN_FRAMES = 60
"""Frames that a reader watches before going on: seconds, in which the first figures come."""
OWN_PAGE = """\
<!doctype html><meta charset="utf-8"><title>A page of one's own</title>
<div id="view"></div><script type="module">{}</script>
"""


@pytest.fixture(scope="module")
def lab():
    expect.set_options(timeout=TIMEOUT_MS)
    with open_lab() as opened:
        yield opened


@pytest.mark.parametrize("page", PYTHON)
def test_the_cells_of_a_page_run_one_after_the_other(page, lab):
    tab, server = lab
    open_notebook(tab, server, PYTHON[page], f"{[*PYTHON].index(page)}.ipynb")
    for number, code in enumerate(PYTHON[page]):
        cell = run_cell(tab, number)
        expect(cell.locator(".jp-InputPrompt")).to_have_text(f"[{number + 1}]:")
        error = cell.locator('[data-mime-type="application/vnd.jupyter.error"]')
        assert not error.count(), f"{code}\n{error.inner_text()}"
        if STARTS in code:
            watch(tab)


def watch(tab):
    """Look at the view, once it is told to start, until figures of it have come."""
    live = LiveOnPage(tab, tab.locator(".live").first)
    live.wait_for_status("streaming")
    live.wait_for_frames(SEEN_FRAMES)


@pytest.mark.parametrize("block", SCRIPTS, ids=str)
def test_a_script_shows_the_view_on_a_page_of_ones_own(block, lab):
    said = []
    browser = lab[0].context.browser
    with TestClient() as server, browser.new_page(permissions=[TO_THIS_MACHINE]) as page:
        page.set_default_timeout(TIMEOUT_MS)
        page.on("console", lambda message: said.append(message.text))
        content = {"body": OWN_PAGE.format(block.code), "content_type": "text/html"}
        page.route("**/own.html", lambda route: route.fulfill(**content))
        page.goto(f"{server.base_url}/own.html")
        live = LiveOnPage(page, page.locator("#view .live"))
        live.start()
        live.wait_for_frames(3)
        told = [text for text in said if re.match(r"\d+ [\d.]+ ", text)]
    assert len(told) >= 3, said


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_starts_jupyterlab_with_streamlab_in_it(command):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with (
        jupyter_process(
            command=shlex.split(command), options=[NEVER], environment={"PATH": path}
        ) as server,
        server.wait_until_ready().client() as client,
    ):
        assert client.get("/streamlab/health").json()["status"] == "ok"
        assert client.get("/lab").status_code == 200


def test_there_is_something_to_run():
    assert PYTHON
    assert SCRIPTS
    assert COMMANDS
