"""The live view on a page, in a real Chromium whose camera plays a clip."""

import base64
import threading
import time
from contextlib import contextmanager

import cv2
import numpy as np
from lab_page import FLAGS, TIMEOUT_MS, chromium
from playwright.sync_api import expect

from streamlab.media.samples import sample_path
from streamlab.media.video import read_frames
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.tools.registry import ToolRegistry
from streamlab.tools.tool import Tool

FAKE_CAMERA = "--use-fake-device-for-media-stream"
ALLOW_CAMERA = "--use-fake-ui-for-media-stream"
REFUSE_CAMERA = "--deny-permission-prompts"
SIZE = {"width": 1240, "height": 960}
SLOW_S = 0.1
COLLECT = """
    if (window.drawnFrames) return;
    window.drawnFrames = [];
    window.drawnWanted = 0;
    window.drawnCount = 0;
    document.addEventListener('streamlab-drawn', event => {
        window.drawnCount += 1;
        if (drawnFrames.length >= drawnWanted) return;
        const canvas = event.composedPath()[0].querySelector('figure canvas');
        drawnFrames.push({...event.detail, png: canvas.toDataURL('image/png')});
    });
"""


def camera_flags(clip):
    """Return the flags of a Chromium that has a clip as its camera, and allows it."""
    return (ALLOW_CAMERA, FAKE_CAMERA, f"--use-file-for-fake-video-capture={clip}")


@contextmanager
def chromium_page(playwright, flags=(), size=SIZE, scale=1, **options):
    """Run a Chromium; yields a page of it."""
    browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *flags])
    try:
        page = browser.new_page(viewport=size, device_scale_factor=scale, **options)
        page.set_default_timeout(TIMEOUT_MS)
        expect.set_options(timeout=TIMEOUT_MS)
        yield page
    finally:
        browser.close()


class LiveOnPage:
    """A live view on a page, which may have others."""

    def __init__(self, page, root=None):
        self.page = page
        self.root = root or page.locator(".live")
        self.root.wait_for()
        page.evaluate(f"() => {{{COLLECT}}}")

    def button(self, name):
        """Return a button by its text."""
        return self.root.get_by_role("button", name=name, exact=True)

    def setting(self, name):
        """Return a slider."""
        return self.root.locator(f"[data-setting={name}]")

    def start(self):
        """Press Start, and wait for the first frame with its overlay."""
        before = self.page.evaluate("drawnCount")
        self.button("Start").click()
        self.wait_for_status("streaming")
        self.page.wait_for_function("before => drawnCount > before", arg=before)

    def stop(self):
        """Press Stop, and wait for the last answers."""
        self.button("Stop").click()
        self.wait_for_status("stopped")

    def choose(self, label, value):
        """Choose in a list."""
        self.root.get_by_label(label, exact=True).select_option(value)

    def wait_for_status(self, status):
        """Wait until the view says so."""
        expect(self.root).to_have_attribute("data-status", status)

    def wait_for_state(self, state):
        """Wait until the badge reads so."""
        expect(self.root.locator(".badge")).to_have_text(state)

    def wait_for_frames(self, count):
        """Wait until so many more frames were drawn; what is out of sight is not."""
        self.root.scroll_into_view_if_needed()
        wanted = self.page.evaluate("drawnCount") + count
        self.page.wait_for_function("wanted => drawnCount >= wanted", arg=wanted)

    def drawn(self, count):
        """Return the next frames that are drawn, each with the picture that then stands there."""
        self.root.scroll_into_view_if_needed()
        self.page.evaluate("count => { drawnFrames = []; drawnWanted = count; }", count)
        self.page.wait_for_function("() => drawnFrames.length >= drawnWanted")
        frames = self.page.evaluate("drawnFrames")
        self.page.evaluate("drawnWanted = 0")
        for frame in frames:
            frame["image"] = decoded(base64.b64decode(frame.pop("png").partition(",")[2]))
        return frames

    def figure(self, name):
        """Return a figure as it is read."""
        return self.root.locator(f"[data-figure={name}]").inner_text()

    def canvas(self):
        """Return the element that the picture is drawn on."""
        return self.root.locator("figure canvas").element_handle()

    def texts(self):
        """Return what is listed as read."""
        return self.root.locator(".texts b").all_inner_texts()

    def notice(self):
        """Return the notice over the picture, when it is there."""
        notice = self.root.locator(".notice")
        notice.wait_for()
        return notice

    def download(self, name, folder):
        """Press a button that saves a file; returns its path."""
        with self.page.expect_download() as caught:
            self.button(name).click()
        path = folder / caught.value.suggested_filename
        caught.value.save_as(path)
        return path


def still_video(path, sample="gate_easy"):
    """Write a video of a single frame; returns its path."""
    image = next(read_frames(sample_path(sample)))
    height, width = image.shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"VP80"), 30, (width, height))
    writer.write(image)
    writer.release()
    return path


def decoded(png):
    """Return a picture as HxWx3 uint8, BGR."""
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)


class Slow(Tool):
    """A tool that takes a tenth of a second for each frame."""

    name = "slow"
    reads = frozenset({"frame_index"})
    produces = frozenset({"seen"})

    def open(self):
        """Return its step."""

        def step(values):
            time.sleep(SLOW_S)
            return {"seen": values["frame_index"]}

        return step


class Failing(Tool):
    """A tool that raises as soon as it is told to."""

    name = "failing"
    reads = frozenset({"frame_index"})
    produces = frozenset({"seen"})
    told = threading.Event()

    def open(self):
        """Return its step."""

        def step(values):
            if Failing.told.is_set():
                raise ZeroDivisionError("a lens cap is on")
            return {"seen": values["frame_index"]}

        return step


class Odd(Tool):
    """A tool whose answers are as odd as the server lets them be."""

    name = "odd"
    reads = frozenset({"frame_index"})
    produces = frozenset({"detections", "html", "word", "number", "nested"})

    def open(self):
        """Return its step."""
        box = {"x": 10, "y": 10, "width": 50, "height": 50}
        answer = {
            "detections": [
                box | {"label": "no score", "score": None, "track_id": None, "text": None},
                box | {"label": "W" * 10_000, "score": 1e9},
                box | {"label": "", "score": -1.0, "text": "<i>text</i>"},
                box | {"width": 0, "height": 0},
                *[box | {"x": -1e9, "width": 1e12}] * 500,
            ],
            "html": "<b>bold</b>",
            "word": "W" * 10_000,
            "number": 1.23456789,
            "nested": {"a": [1, None]},
        }
        return lambda values: answer


class Blind(Tool):
    """A detector that finds nothing."""

    name = "blind"
    reads = frozenset({"frame_index"})
    produces = frozenset({"detections"})

    def open(self):
        """Return its step."""
        return lambda values: {"detections": []}


class Many(Tool):
    """A detector that finds one thing of each of eighty labels."""

    name = "many"
    reads = frozenset({"frame_index"})
    produces = frozenset({"detections"})

    def open(self):
        """Return its step."""
        found = [
            {
                "x": 8.0 * at,
                "y": 50,
                "width": 20,
                "height": 20,
                "label": f"label {at}",
                "score": 0.9,
            }
            for at in range(80)
        ]
        return lambda values: {"detections": found}


class Brightness(Tool):
    """A tool whose answer is a number."""

    name = "brightness"
    reads = frozenset({"image"})
    produces = frozenset({"brightness"})

    def open(self):
        """Return its step."""
        return lambda values: {"brightness": float(values["image"].mean())}


def pipelines_of_tests():
    """Return the built-in pipelines, and one for each of the tools here."""
    tools = ToolRegistry()
    registry = PipelineRegistry.load(tools=tools)
    for tool in (Slow, Failing, Odd, Blind, Many, Brightness):
        tools.register(tool)
        registry.add({"id": tool.name, "nodes": [{"id": "node", "tool": tool.name}]})
    return registry
