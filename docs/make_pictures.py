"""Makes the pictures of the docs from real runs: `python docs/make_pictures.py`."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from streamlab.media import video
from streamlab.media.annotate import Annotator
from streamlab.media.samples import sample_path
from streamlab.pipelines.video import VideoFilePipelineService

PICTURES = Path(__file__).with_name("pictures")
# a clip and the frame of it to show
SHOWN = (("gate_easy", 100), ("gate_night_rain", 150), ("conveyor_fast", 150))
CHART_WIDTH = 1440


def annotated_frame(service: VideoFilePipelineService, clip: str, shown: int) -> Any:
    """Run a clip up to a frame and draw the answer on it."""
    path = sample_path(clip)
    results = service.run_on_file(path, "yolo_ocr", max_frames=shown + 1)
    annotator = Annotator()
    for done, image in zip(results, video.read_frames(path), strict=False):
        if done.frame_index == shown:
            return annotator.draw(image, done.result, f"{clip}  {done.total_ms:.0f} ms")
    raise ValueError(f"{clip} has no frame {shown}")


def main() -> None:
    """Write `docs/pictures/demo.png`: annotated frames over the demo's latency chart."""
    PICTURES.mkdir(exist_ok=True)
    service = VideoFilePipelineService()
    row = np.hstack([annotated_frame(service, clip, shown) for clip, shown in SHOWN])
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "streamlab.cli", "demo", "--out", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        chart = cv2.imread(str(Path(folder) / "latency.png"))
        assert chart is not None
    scale = CHART_WIDTH / row.shape[1]
    row = cv2.resize(row, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    scale = CHART_WIDTH / chart.shape[1]
    chart = cv2.resize(chart, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(PICTURES / "demo.png"), np.vstack([row, chart]))


if __name__ == "__main__":
    main()
