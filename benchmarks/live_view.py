"""The live view in Chromium: how old overlays are, what the page costs, and how its heap grows.

`python -m benchmarks.live_view [--minutes 10]`: the standalone page, 640x480 at 15 fps through
`yolo_ocr`, Chromium's camera playing a sample clip. Beside it, in the same Chromium, a page that
only shows the camera: what video itself costs. Needs the extra `browser` and Chromium.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page, sync_playwright

from streamlab.quantiles import quantile
from streamlab.server.subprocess import ServerProcess

from .table import show

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "tests" / "support")]

from fake_camera import write_y4m  # noqa: E402
from lab_page import FLAGS, chromium  # noqa: E402
from live_page import LiveOnPage, camera_flags  # noqa: E402

SAMPLE_S = 5.0
SETTLE_S = 10.0
CPU_S = 60.0
CAMERA_ONLY = """async () => {
    const video = document.createElement('video');
    document.body.replaceChildren(video);
    video.srcObject = await navigator.mediaDevices.getUserMedia(
        {video: {width: {ideal: 640}, frameRate: {ideal: 60}}});
    await video.play();
}"""
AGES = """() => {
    window.ages = [];
    document.addEventListener('streamlab-drawn', event => ages.push(event.detail.age_ms));
}"""
MIB = 2**20


class Costs:
    """Seconds of CPU of a Chromium, by kind of process, and of the page's main thread."""

    def __init__(self, page: Page, browser_pid: int) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")
        self._browser = psutil.Process(browser_pid)

    def metrics(self) -> dict[str, float]:
        """Return Chromium's own metrics of the page."""
        told = self._session.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in told}

    def processes(self) -> dict[str, float]:
        """Return the seconds of CPU so far, by kind of process."""
        seconds: dict[str, float] = {}
        for process in [self._browser, *self._browser.children(recursive=True)]:
            try:
                command = " ".join(process.cmdline())
                used = process.cpu_times()
            except psutil.Error:
                continue
            kind = "other"
            if "--type=renderer" in command:
                kind = "renderers"
            elif "--type=gpu-process" in command:
                kind = "compositor"
            seconds[kind] = seconds.get(kind, 0.0) + used.user + used.system
        return seconds

    def heap(self) -> float:
        """Return the JavaScript heap in use, MiB, with whatever garbage it holds."""
        return self.metrics()["JSHeapUsedSize"] / MIB

    def memory(self) -> float:
        """Return the memory of the renderers, MiB, shared pages counted once (PSS)."""
        family = self._browser.children(recursive=True)
        renderers = [each for each in family if "--type=renderer" in " ".join(each.cmdline())]
        return float(sum(each.memory_full_info().pss for each in renderers)) / MIB

    def over(self, seconds: float) -> dict[str, float]:
        """Return shares of one core over so many seconds, in percent."""
        before, began = self.processes(), time.monotonic()
        main = self.metrics()["TaskDuration"]
        self._page.wait_for_timeout(seconds * 1e3)
        took = time.monotonic() - began
        after = self.processes()
        shares = {kind: 100 * (after[kind] - before.get(kind, 0)) / took for kind in after}
        return {
            "main thread": 100 * (self.metrics()["TaskDuration"] - main) / took,
            **shares,
            "all": sum(shares.values()),
        }


def chromium_pid() -> int:
    """Return the process of the Chromium that this one started."""
    for child in psutil.Process().children(recursive=True):
        command = child.cmdline()
        if command and "chromium" in command[0] and not any("--type=" in c for c in command):
            return int(child.pid)
    raise SystemExit("no Chromium is running")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args().minutes
    rows: list[list[Any]] = []
    with tempfile.TemporaryDirectory() as folder, ServerProcess() as server:
        clip = write_y4m(Path(folder) / "clip.y4m", "gate_easy")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium(), args=[*FLAGS, *camera_flags(clip)]
            )
            page = browser.new_page(viewport={"width": 1240, "height": 960})
            costs = Costs(page, chromium_pid())
            page.goto(f"{server.base_url}/?token={server.token}")
            page.evaluate(CAMERA_ONLY)
            page.wait_for_timeout(SETTLE_S * 1e3)
            rows.append(row("camera alone", costs.over(CPU_S)))
            page.reload()
            live = LiveOnPage(page)
            live.choose("Pipeline", "yolo_ocr")
            live.start()
            page.evaluate(AGES)
            page.wait_for_timeout(SETTLE_S * 1e3)
            page.evaluate("ages = []")
            heaps, memory = [costs.heap()], costs.memory()
            rows.append(row("live view", costs.over(CPU_S)))
            show(
                "CPU, of one core",
                ["page", "main thread %", "renderer %", "compositor %", "all %"],
                rows,
            )
            deadline = time.monotonic() + 60 * minutes - CPU_S
            while time.monotonic() < deadline:
                page.wait_for_timeout(SAMPLE_S * 1e3)
                heaps.append(costs.heap())
            ages = page.evaluate("ages")
            page.request_gc()
            show(
                f"Overlays and heap over {minutes:g} minutes",
                [
                    "drawn",
                    "age p50 ms",
                    "p95 ms",
                    "largest heap MiB",
                    "heap after GC MiB",
                    "renderers MiB, at first",
                    "at last",
                ],
                [
                    [
                        len(ages),
                        f"{quantile(ages, 0.5):.0f}",
                        f"{quantile(ages, 0.95):.0f}",
                        f"{max(heaps):.1f}",
                        f"{costs.heap():.1f}",
                        f"{memory:.0f}",
                        f"{costs.memory():.0f}",
                    ]
                ],
            )
            browser.close()


def row(name: str, shares: dict[str, float]) -> list[Any]:
    """Return a line of the table of costs."""
    names = ("main thread", "renderers", "compositor", "all")
    return [name, *(f"{shares.get(each, 0.0):.0f}" for each in names)]


if __name__ == "__main__":
    main()
