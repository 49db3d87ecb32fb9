"""Render the training set, train the bundled detector and export it: `python -m training.train`.

Everything comes from seeds; nothing is downloaded. On two cores it takes about an hour.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ultralytics import YOLO

from training.dataset import write_description, write_split
from training.export import export
from training.stills import (
    TRAINING_SEED,
    TRAINING_STILLS,
    VALIDATION_SEED,
    VALIDATION_STILLS,
)

MODEL = Path(__file__).parent / "gate_conveyor.yaml"
EPOCHS = 30

# Pictures are as wide as the exported input; `rect` leaves most of the padding away.
# Without mosaic, and with little shift and scale: both cut objects off at the picture's border, and
# objects that are more than half cut off are no truth here.
SETTINGS: dict[str, Any] = {
    "imgsz": 320,
    "rect": True,
    "batch": 16,
    "nbs": 16,
    "optimizer": "AdamW",
    "lr0": 0.0015,
    "lrf": 0.01,
    "cos_lr": True,
    "warmup_epochs": 1.0,
    "mosaic": 0.0,
    "translate": 0.04,
    "scale": 0.15,
    "fliplr": 0.5,
    "cache": "ram",
    "workers": 1,
    "device": "cpu",
    "seed": 0,
    "deterministic": True,
    "pretrained": False,
    "plots": False,
    # Choose the best epoch by the head that is exported.
    "nms": False,
}


def train(work_folder: Path, epochs: int) -> Path:
    """Train in `work_folder` and return the best checkpoint."""
    data = work_folder / "data"
    write_split(data, "train", range(TRAINING_SEED, TRAINING_SEED + TRAINING_STILLS))
    write_split(data, "val", range(VALIDATION_SEED, VALIDATION_SEED + VALIDATION_STILLS))
    description = write_description(data)
    model = YOLO(MODEL)
    model.train(
        data=str(description),
        epochs=epochs,
        project=str(work_folder.resolve()),
        name="run",
        exist_ok=True,
        **SETTINGS,
    )
    return work_folder / "run" / "weights" / "best.pt"


def main() -> None:
    """Train and replace the bundled weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--work", type=Path, default=Path("runs"), help="folder for stills and checkpoints"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    export(train(options.work, options.epochs))


if __name__ == "__main__":
    main()
