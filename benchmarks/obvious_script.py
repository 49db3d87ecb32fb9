"""Ours against the script that one writes first, on the same clip, counting the same texts.

The script: Ultralytics with the `.pt` weights in torch at 640 pixels, and pytesseract on every
detection of every frame. It needs the extra `jupyter-streamlab[ultralytics]`. Ours goes offline
through `run_on_file`. A text counts as read if it is what was read most often on its box, and apart
from that if it was read right at least once.
"""

import argparse
import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tqdm.auto import tqdm

from streamlab.accuracy.track_association import MIN_IOU, iou
from streamlab.media import video
from streamlab.media.samples import sample_path
from streamlab.media.truth import Truth
from streamlab.models.weights import BUNDLED_WEIGHTS
from streamlab.pipelines.video import VideoFilePipelineService
from streamlab.quantiles import quantile
from streamlab.tools.tessdata import find_program, find_tessdata

from .table import show

SIZE = 640


def obvious(image: Any, model: Any, pytesseract: Any) -> dict[str, Any]:
    """Detect, then read every detection."""
    [found] = model.predict(image, imgsz=SIZE, verbose=False)
    detections = []
    for (left, top, right, bottom), kind in zip(
        found.boxes.xyxy.tolist(), found.boxes.cls.tolist(), strict=True
    ):
        crop = image[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
        text = pytesseract.image_to_string(crop, config="--psm 7").strip()
        box = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        detections.append({**box, "label": found.names[int(kind)], "text": text})
    return {"detections": detections}


def count_read(truth: Truth, results: Iterable[tuple[int, Mapping[str, Any]]]) -> tuple[int, int]:
    """Return how many texts were read right most often, and how many at least once."""
    texts = truth.texts()
    readings: dict[int, Counter[str]] = {track_id: Counter() for track_id in texts}
    for frame_index, result in results:
        for thing in truth.frames[frame_index]:
            if thing["track_id"] in texts:
                for found in result["detections"]:
                    if found.get("text") and iou(thing, found) >= MIN_IOU:
                        readings[thing["track_id"]][found["text"]] += 1
    most = sum(
        bool(seen) and seen.most_common(1)[0][0] == texts[track_id]
        for track_id, seen in readings.items()
    )
    return most, sum(texts[track_id] in seen for track_id, seen in readings.items())


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--clip", default="gate_easy")
    arguments.add_argument("--frames", type=int, default=None, help="all, unless told")
    options = arguments.parse_args()
    import pytesseract
    from ultralytics import YOLO

    os.environ.setdefault("TESSDATA_PREFIX", find_tessdata())
    pytesseract.pytesseract.tesseract_cmd = find_program()
    path = sample_path(options.clip)
    truth = Truth.of_video(path)
    assert truth is not None
    model = YOLO(BUNDLED_WEIGHTS.with_suffix(".pt"))
    service = VideoFilePipelineService()
    service.open("yolo_ocr")
    ours = service.run_on_file(path, "yolo_ocr", max_frames=options.frames)
    results: dict[str, list[tuple[int, Mapping[str, Any]]]] = {"streamlab": [], "script": []}
    spent_ms: dict[str, list[float]] = {"streamlab": [], "script": []}
    images = enumerate(video.read_frames(path))
    for done, (index, image) in zip(tqdm(ours, total=options.frames), images, strict=False):
        results["streamlab"].append((index, done.result))
        spent_ms["streamlab"].append(done.total_ms)
        start = time.perf_counter()
        results["script"].append((index, obvious(image, model, pytesseract)))
        spent_ms["script"].append((time.perf_counter() - start) * 1e3)
    rows = []
    base = sum(spent_ms["streamlab"]) / len(spent_ms["streamlab"])
    for name, answers in results.items():
        most, once = count_read(truth, answers)
        mean = sum(spent_ms[name]) / len(answers)
        middle = quantile(spent_ms[name], 0.5)
        ratio = f"{mean / base:.1f}"
        rows.append((name, f"{mean:.1f}", f"{middle:.1f}", ratio, most, once, len(truth.texts())))
    title = f"{options.clip}, {len(spent_ms['script'])} frames, the two in turn"
    header = ("", "mean ms/frame", "median", "ratio", "read right", "once at least", "texts")
    show(title, header, rows)


if __name__ == "__main__":
    main()
