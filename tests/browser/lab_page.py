"""A notebook in JupyterLab, in a real Chromium: opened, run, and looked at as a user does."""

import json
import os
import shutil
import sys
from contextlib import contextmanager

import nbformat
from hosts import jupyter_process
from playwright.sync_api import sync_playwright

COMMAND = (sys.executable, "-m", "jupyterlab")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
NEVER = "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"
NEWS = "/lab/api/settings/@jupyterlab/apputils-extension:notification"
NOTEBOOK = "notebook.ipynb"
LIVE_VIEW = "Live View (streamlab)"
"""The command that opens it, in launcher, menus and palette."""
TIMEOUT_MS = 60_000
"""For what starts processes: a kernel, a server's workers with their models."""
# JupyterLab calls a kernel idle that it has yet to connect to, and forgets what it is asked then
WATCH_KERNEL = """
    window.kernelWas = [];
    new MutationObserver(() => {
        const status = document.querySelector('.jp-NotebookPanel [data-status]')?.dataset.status;
        if (status && status !== kernelWas.at(-1)) kernelWas.push(status);
    }).observe(document, {subtree: true, childList: true, attributes: true});
"""
SIZE = {"width": 1300, "height": 1250}
CONNECT = (
    "import streamlab\n"
    "from streamlab.lab import tune_detection\n\n"
    'lab = streamlab.connect(where="jupyter")\n'
    'recording = lab.stream("gate_easy", seconds=3, progress=False)'
)
THRESHOLDS = "panel = lab.tune(recording.trace())\npanel"
DETECTION = "detection = tune_detection(recording)\ndetection"
CELLS = (CONNECT, THRESHOLDS, DETECTION)


def chromium():
    """Return the path of a Chromium, None where there is none."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


@contextmanager
def open_jupyter(command, options=(), size=SIZE, scale=1, flags=()):
    """Run a front end of Jupyter's, with nothing opened in it yet; yields a page and the server."""
    with jupyter_process(command, options=options) as server, sync_playwright() as playwright:
        server.wait_until_ready()
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *flags])
        try:
            page = browser.new_page(viewport=size, device_scale_factor=scale)
            page.set_default_timeout(TIMEOUT_MS)
            yield page, server
        finally:
            browser.close()


@contextmanager
def open_lab(size=SIZE, scale=1, flags=()):
    """Run JupyterLab, with nothing opened in it yet; yields a page and the server."""
    with open_jupyter(COMMAND, [NEVER], size, scale, flags) as (page, server):
        # JupyterLab shall not ask about its news over what is looked at
        _put(page, server, NEWS, {"raw": json.dumps({"fetchNews": "false"})})
        yield page, server


@contextmanager
def lab_page(cells=CELLS, size=SIZE, scale=1):
    """Open a notebook of these cells in JupyterLab and run it; yields the page."""
    with open_lab(size, scale) as (page, server):
        open_notebook(page, server, cells)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        yield page


def open_notebook(page, server, cells, name=NOTEBOOK):
    """Open a notebook of these cells, and wait until its kernel can be used."""
    _write(page, server, cells, name)
    page.add_init_script(WATCH_KERNEL)
    page.goto(f"{server.base_url}/doc/tree/{name}?token={server.token}")
    page.locator(".jp-Notebook").wait_for()
    page.wait_for_function("() => kernelWas.length > 1 && kernelWas.at(-1) === 'idle'")


def restart_kernel(page):
    """Start the notebook's kernel again, and wait until it can be used."""
    before = page.evaluate("kernelWas.length")
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.locator("[role=menuitem]:visible", has_text="Restart Kernel").first.click()
    page.locator("dialog .jp-mod-accept").click()
    page.wait_for_function(
        "before => kernelWas.length > before && kernelWas.at(-1) === 'idle'", arg=before
    )


def run_cell(page, number):
    """Run one cell; returns it."""
    cell = page.locator(".jp-CodeCell").nth(number)
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    return cell


def _write(page, server, cells, name):
    """Put the notebook on the server."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    _put(page, server, f"/api/contents/{name}", {"type": "notebook", "content": notebook})


def _put(page, server, path, data):
    answer = page.request.put(f"{server.base_url}{path}", headers=server.headers, data=data)
    assert answer.ok, answer.text()


class PanelOnPage:
    """A panel of a notebook, by the class of its widget."""

    def __init__(self, page, css):
        self.page = page
        self.root = page.locator(f".{css}")
        self.root.wait_for()

    def handle(self, label):
        """Return the handle of the slider with a label: what the keyboard moves."""
        slider = self.root.locator(f"xpath=.//label[normalize-space()='{label}']/..")
        return slider.locator(".noUi-handle")

    def button(self, name):
        """Return a button by its text."""
        return self.root.get_by_role("button", name=name, exact=True)

    def pictures(self):
        """Wait until every picture is there to be seen, and return their addresses."""
        images = self.root.locator("img")
        images.first.wait_for()
        self.page.wait_for_function(
            "root => [...root.querySelectorAll('img')].every(i => i.complete && i.naturalWidth)",
            arg=self.root.element_handle(),
        )
        return [image.get_attribute("src") for image in images.all()]

    def wait_for_other_pictures(self, before):
        """Wait until each picture is another one than before, and return their addresses."""
        self.page.wait_for_function(
            """([root, before]) => [...root.querySelectorAll('img')].every(
                (i, n) => i.src !== before[n] && i.complete && i.naturalWidth)""",
            arg=[self.root.element_handle(), before],
        )
        return self.pictures()

    def redraw_ms(self, label, key):
        """Press a key on a slider; return after how many milliseconds the next picture is there."""
        handle = self.handle(label)
        handle.evaluate(
            """(handle, root) => {
                window.redrawn = new Promise(done => {
                    handle.addEventListener('keydown', () => {
                        const began = performance.now();
                        root.querySelector('img').addEventListener(
                            'load', () => done(performance.now() - began), {once: true});
                    }, {once: true, capture: true});
                });
            }""",
            self.root.element_handle(),
        )
        handle.press(key)
        return self.page.evaluate("window.redrawn")

    def figures(self):
        """Return the figures under the picture, by name, as they are read."""
        cells = self.root.locator("[data-figure]").all()
        return {cell.get_attribute("data-figure"): cell.inner_text() for cell in cells}

    def wait_for_other_figures(self, before):
        """Wait until a figure reads otherwise than before, and return all of them."""
        self.page.wait_for_function(
            """([root, before]) => [...root.querySelectorAll('[data-figure]')].some(
                cell => cell.innerText !== before[cell.dataset.figure])""",
            arg=[self.root.element_handle(), before],
        )
        return self.figures()
