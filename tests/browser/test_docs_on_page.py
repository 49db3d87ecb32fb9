"""The documentation's blocks that need a browser, run as a reader runs them."""

import os
import shlex
import sys
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright", reason="needs playwright: pip install playwright")
pytest.importorskip("jupyterlab", reason="needs JupyterLab: pip install jupyterlab")

from lab_page import NEVER, chromium, open_lab, open_notebook, run_cell  # noqa: E402

if chromium() is None:
    pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM", allow_module_level=True)

from doc_blocks import (  # noqa: E402
    IN_BROWSER,
    NEEDS_JUPYTERLAB,
    blocks_to_run,
    commands_of,
    examples_in_browser,
)
from hosts import jupyter_process  # noqa: E402
from live_page import LiveOnPage, chromium_page  # noqa: E402
from playwright.sync_api import expect, sync_playwright  # noqa: E402

from streamlab.testing import TestClient  # noqa: E402

PYTHON = {
    **{page: [block.code for block in blocks_to_run("python")[page]] for page in IN_BROWSER},
    **examples_in_browser(),
}
SCRIPTS = sum(blocks_to_run("js").values(), [])
COMMANDS = [
    command
    for blocks in blocks_to_run("sh").values()
    for block in blocks
    for command in commands_of(block)
    if command.startswith(NEEDS_JUPYTERLAB)
]
SEEN_FRAMES = 60
"""Frames that a reader watches before going on: seconds, in which the first figures come."""
OWN_PAGE = """\
<!doctype html><meta charset="utf-8"><title>A page of one's own</title>
<div id="view"></div><script type="module">{}</script>
"""


@pytest.fixture(scope="module")
def lab():
    with open_lab() as opened:
        yield opened


@pytest.mark.parametrize("page", PYTHON)
def test_the_cells_of_a_page_run_one_after_the_other(page, lab):
    tab, server = lab
    expect.set_options(timeout=60_000)
    open_notebook(tab, server, PYTHON[page])
    for number, code in enumerate(PYTHON[page]):
        cell = run_cell(tab, number)
        expect(cell.locator(".jp-InputPrompt")).to_have_text(f"[{number + 1}]:")
        error = cell.locator('[data-mime-type="application/vnd.jupyter.error"]')
        assert not error.count(), f"{code}\n{error.inner_text()}"
        watch(tab)


def watch(tab):
    """Look at the view that runs, if one does, until figures of it have come."""
    running = tab.locator(".live:not([data-status=stopped])")
    if running.count():
        live = LiveOnPage(tab, running.first)
        live.wait_for_status("streaming")
        live.wait_for_frames(SEEN_FRAMES)


@pytest.mark.parametrize("block", SCRIPTS, ids=str)
def test_a_script_shows_the_view_on_a_page_of_ones_own(block):
    with TestClient() as server, sync_playwright() as started, chromium_page(started) as page:
        said = []
        page.on("console", lambda message: said.append([str(arg) for arg in message.args]))
        page.route("**/own.html", lambda route: route.fulfill(
            body=OWN_PAGE.format(block.code), content_type="text/html"
        ))  # fmt: skip
        page.goto(f"{server.base_url}/own.html")
        live = LiveOnPage(page, page.locator("#view .live"))
        live.start()
        live.wait_for_frames(3)
        assert [args[0].isdigit() for args in said[:3]] == [True] * 3


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
