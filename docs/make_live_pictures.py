"""Makes the pictures of the live view in a real JupyterLab, and on a page, from runs of its own."""

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "tests" / "support")]

from fake_camera import write_y4m  # noqa: E402
from lab_page import open_lab, open_notebook, run_cell  # noqa: E402
from live_page import LiveOnPage, camera_flags, chromium_page, pipelines_of_tests  # noqa: E402

from streamlab.testing import TestClient  # noqa: E402

CELL = """\
import streamlab

view = streamlab.LiveView(pipeline_id="yolo_ocr", drop_threshold=0.15)
view"""
NOTEBOOK_SIZE = {"width": 1180, "height": 1080}
PAGE_SIZE = {"width": 1180, "height": 1015}
CAMERA_SIZE = {"width": 1180, "height": 900}
CHART_S = 31
SHOWN = {"cup", "dining table"}
COLOURS = 256


def save(shot: bytes, name: str) -> None:
    """Save a screenshot, in as many colours as it needs."""
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    path = PICTURES / f"{name}.png"
    # rare colours, such as those of drops, are to be kept as they are
    few = image.quantize(
        COLOURS,
        method=Image.Quantize.MAXCOVERAGE,
        kmeans=2,
        dither=Image.Dither.FLOYDSTEINBERG,
    )
    few.save(path, optimize=True)
    sys.stdout.write(f"{path.name}: {image.width} x {image.height}, {path.stat().st_size} bytes\n")


def watch(page: Any, seconds: float) -> None:
    """Let the charts fill."""
    page.wait_for_timeout(seconds * 1e3)


def in_jupyterlab(clip: Path) -> None:
    """Make the picture of a notebook, and that of the launcher."""
    with open_lab(NOTEBOOK_SIZE, flags=camera_flags(clip)) as (page, server):
        open_notebook(page, server, [CELL])
        run_cell(page, 0)
        live = LiveOnPage(page)
        live.start()
        page.mouse.move(0, 0)
        page.add_style_tag(content=".jp-cell-toolbar { visibility: hidden }")
        watch(page, CHART_S)
        save(page.screenshot(), "live_view")
        live.stop()
        page.goto(f"{server.base_url}/lab?reset&token={server.token}")
        card = page.locator(".jp-LauncherCard").filter(has_text="Live View")
        card.wait_for()
        card.hover()
        save(page.locator(".jp-Launcher-content").screenshot(), "live_launcher")


def on_a_page(playwright: Any, clip: Path) -> None:
    """Make the picture of the page: a dark one, overloaded, with another session beside it."""
    pipelines = pipelines_of_tests()
    definition = msgspec.to_builtins(pipelines["yolo_ocr"].definition)
    slow = {"id": "pause", "tool": "slow"}
    edges = [*definition["edges"], [definition["nodes"][-1]["id"], "pause"]]
    pipelines.add({"id": "crowded", "nodes": [*definition["nodes"], slow], "edges": edges})
    with (
        TestClient(pipelines=pipelines, workers=2) as server,
        chromium_page(playwright, camera_flags(clip), PAGE_SIZE, color_scheme="dark") as page,
    ):
        page.goto(server.base_url or "")
        live = LiveOnPage(page)
        live.root.get_by_label("Adaptive").uncheck()
        live.choose("Source", "conveyor_fast")
        live.choose("Pipeline", "crowded")
        live.start()
        watch(page, CHART_S / 2)
        with server.websocket_connect("/ws/video/stream?pipeline_id=yolo"):
            live.setting("fps").fill("30")
            watch(page, CHART_S / 2)
            save(page.screenshot(), "live_page")


def with_a_camera(playwright: Any, folder: Path) -> None:
    """Make the picture of a page as it is opened, with a camera that sees real things."""
    clip = write_y4m(folder / "real.y4m", "photographs", marked=False)
    with (
        TestClient(workers=1) as server,
        chromium_page(playwright, camera_flags(clip), CAMERA_SIZE) as page,
    ):
        page.goto(server.base_url or "")
        live = LiveOnPage(page)
        live.start()
        watch(page, CHART_S)
        while shown(live) != SHOWN:
            pass
        save(page.screenshot(), "everyday")


def shown(live: LiveOnPage) -> set[str]:
    """Return the names on the next frame that is drawn."""
    [frame] = live.drawn(1)
    return {detection["label"] for detection in frame["result"]["detections"]}


def main() -> None:
    """Write all pictures of the live view, or `everyday.png` alone: `everyday`."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        with sync_playwright() as playwright:
            with_a_camera(playwright, Path(folder))
        if sys.argv[1:] == ["everyday"]:
            return
        clip = write_y4m(Path(folder) / "clip.y4m", "gate_easy", marked=False)
        in_jupyterlab(clip)
        with sync_playwright() as playwright:
            on_a_page(playwright, clip)


if __name__ == "__main__":
    main()
