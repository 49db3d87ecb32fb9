"""Makes the pictures of `docs/tuning.md` in a real JupyterLab, from a run of its own.

It also measures, and prints, how long after a key is pressed the new picture is on the page.
"""

import io
import statistics
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "tests" / "support")]

from lab_page import DETECTION, THRESHOLDS, PanelOnPage, lab_page  # noqa: E402

CONNECT = (
    "import streamlab\n"
    "from streamlab.lab import tune_detection\n\n"
    "lab = streamlab.connect()\n"
    'recording = lab.stream("gate_easy", progress=False)'
)
MOVES = 20
DROPPED_BITS = 3


def crop(page: Any, panel: PanelOnPage, name: str) -> None:
    """Save a panel as it is on the page, with the cell above it."""
    cell = page.locator(".jp-CodeCell").filter(has=panel.root)
    cell.scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    page.add_style_tag(content=".jp-cell-toolbar { visibility: hidden }")
    shot = Image.open(io.BytesIO(page.screenshot(clip=cell.bounding_box()))).convert("RGB")
    path = PICTURES / f"{name}.png"
    # without the last bits of a photograph's noise the file is half the size and looks the same
    shot = shot.point(
        [value >> DROPPED_BITS << DROPPED_BITS | value >> 8 - DROPPED_BITS for value in range(256)]
        * 3
    )
    shot.save(path, optimize=True)
    sys.stdout.write(f"{path.name}: {shot.width} x {shot.height}, {path.stat().st_size} bytes\n")


def measure(panel: PanelOnPage, label: str, key: str) -> None:
    """Print how long it takes from a key on a slider until the picture that follows is loaded."""
    times = [panel.redraw_ms(label, key) for _ in range(MOVES)]
    rows = (statistics.median(times), float(np.quantile(times, 0.95)))
    sys.stdout.write(f"{label}, {key}: median {rows[0]:.0f} ms, p95 {rows[1]:.0f} ms\n")


def main() -> None:
    """Write `tuning.png` and `tuning_detection.png`."""
    PICTURES.mkdir(exist_ok=True)
    cells = (CONNECT, THRESHOLDS, DETECTION)
    with lab_page(cells, size={"width": 1180, "height": 1250}) as page:
        panel = PanelOnPage(page, "streamlab-tune")
        detection = PanelOnPage(page, "streamlab-tune-detection")
        detection.pictures()
        measure(panel, "rate (fps)", "ArrowRight")
        measure(detection, "frame", "ArrowRight")
        before = panel.pictures()
        for key in ("End", "PageDown"):
            panel.handle("rate (fps)").press(key)
            before = panel.wait_for_other_pictures(before)
        crop(page, panel, "tuning")
        figures = detection.figures()
        for _ in range(5):
            detection.handle("score threshold").press("PageUp")
        detection.wait_for_other_figures(figures)
        crop(page, detection, "tuning_detection")


if __name__ == "__main__":
    main()
