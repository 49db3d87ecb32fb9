"""Turn a training checkpoint into the weights that ship: a clean `.pt` and its ONNX export."""

from __future__ import annotations

import ast
import shutil
import tempfile
from pathlib import Path
from typing import Any

import onnx
import torch
from ultralytics import YOLO
from ultralytics.utils.torch_utils import strip_optimizer

WEIGHTS_FOLDER = Path(__file__).parent.parent / "streamlab" / "weights"
WEIGHTS_NAME = "gate_conveyor"
# A 640x480 frame shrinks to 320x240; 256 is the next multiple of the stride.
INPUT_HEIGHT_PX, INPUT_WIDTH_PX = 256, 320
ONNX_OPSET = 17
# What tells of the machine that trained, not of the model.
PRIVATE_KEYS = ("git", "train_results")


def export(checkpoint: Path, folder: Path = WEIGHTS_FOLDER) -> None:
    """Write `checkpoint` as gate_conveyor.pt and gate_conveyor.onnx into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        weights = Path(scratch) / f"{WEIGHTS_NAME}.pt"
        strip_optimizer(checkpoint, str(weights))
        _clean_checkpoint(weights)
        # nms=False exports the head that needs no suppression: one row per detection.
        exported = YOLO(weights).export(
            format="onnx",
            imgsz=(INPUT_HEIGHT_PX, INPUT_WIDTH_PX),
            opset=ONNX_OPSET,
            simplify=True,
            dynamic=False,
            nms=False,
        )
        _clean_onnx(Path(exported))
        shutil.copy(weights, folder / weights.name)
        shutil.copy(exported, folder / f"{WEIGHTS_NAME}.onnx")


def _clean_checkpoint(path: Path) -> None:
    saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=False)
    for key in PRIVATE_KEYS:
        saved.pop(key, None)
    saved["train_args"] = {
        key: _without_folder(value) for key, value in saved["train_args"].items()
    }
    model = saved["model"]
    model.args = {key: _without_folder(value) for key, value in dict(model.args).items()}
    model.yaml = {key: _without_folder(value) for key, value in model.yaml.items()}
    torch.save(saved, path)


def _without_folder(value: Any) -> Any:
    """Return only the last part of a path, and anything else as it is."""
    if isinstance(value, Path) or (isinstance(value, str) and Path(value).is_absolute()):
        return Path(value).name
    return value


def _clean_onnx(path: Path) -> None:
    model = onnx.load(str(path))
    for entry in model.metadata_props:
        if entry.key == "description":
            entry.value = (
                "YOLO26, half the width of n, trained on synthetic gate and conveyor scenes"
            )
        if entry.key == "args":
            arguments = ast.literal_eval(entry.value)
            entry.value = str({key: _without_folder(value) for key, value in arguments.items()})
    onnx.save(model, str(path))
