"""Measure the bundled detector on unseen scenes: `python -m training.evaluate`.

Renders the evaluation stills, whose seeds no training saw, and has Ultralytics validate the
exported ONNX model on them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ultralytics import YOLO

from training.dataset import write_description, write_split
from training.export import INPUT_WIDTH_PX, WEIGHTS_FOLDER, WEIGHTS_NAME
from training.scenes.truth import CLASS_NAMES
from training.stills import EVALUATION_SEED, EVALUATION_STILLS


def evaluate(weights: Path, work_folder: Path) -> Any:
    """Return Ultralytics' metrics of `weights` (.onnx or .pt) on the evaluation stills."""
    data = work_folder / "data"
    write_split(data, "test", range(EVALUATION_SEED, EVALUATION_SEED + EVALUATION_STILLS))
    description = write_description(data)
    return YOLO(weights, task="detect").val(
        data=str(description),
        split="test",
        imgsz=INPUT_WIDTH_PX,
        batch=1,
        rect=False,
        device="cpu",
        workers=0,
        plots=False,
        nms=False,
        project=str(work_folder.resolve()),
        name="evaluation",
        exist_ok=True,
    )


def main() -> None:
    """Print the figures per class as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS_FOLDER / f"{WEIGHTS_NAME}.onnx")
    parser.add_argument("--work", type=Path, default=Path("runs"), help="folder for stills")
    options = parser.parse_args()
    box = evaluate(options.weights, options.work).box
    print("| class | precision | recall | mAP50 | mAP50-95 |\n| --- | --- | --- | --- | --- |")
    for index, name in enumerate(CLASS_NAMES):
        precision, recall, map50, map50_95 = box.class_result(index)
        print(f"| {name} | {precision:.3f} | {recall:.3f} | {map50:.3f} | {map50_95:.3f} |")
    print(f"| all | {box.mp:.3f} | {box.mr:.3f} | {box.map50:.3f} | {box.map:.3f} |")


if __name__ == "__main__":
    main()
