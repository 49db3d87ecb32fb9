"""Fetching published weights, once, and exporting them to ONNX."""

import logging
import os
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path

from tqdm.auto import tqdm

from streamlab.errors import WeightsError
from streamlab.models.folders import data_folder
from streamlab.models.published import PUBLISHED, SOURCE_URL

TIMEOUT_S = 15.0
"""For the connection, and for each part of the file."""
CHUNK_BYTES = 2**16
_ARCHIVE = b"PK"
"""What a `.pt` file begins with."""


def fetch(name: str, source_url: str = SOURCE_URL) -> Path:
    """Return the `.pt` file of published weights, downloaded in one attempt if it is not here.

    Raises `WeightsError`, one line: an unknown name, no connection, a file cut short.
    """
    stem = name.removesuffix(".pt")
    if stem not in PUBLISHED:
        raise WeightsError(
            f"{name}: not among the weights that Ultralytics publishes and that run here, such as "
            "yolo26n, yolo11s-seg, yolov8m-pose, yolo26n-obb, yolo11n-cls, rtdetr-l"
        )
    path = data_folder() / f"{stem}.pt"
    if path.is_file():
        return path
    url = f"{source_url.rstrip('/')}/{path.name}"
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _download(url, part)
        part.replace(path)
    except urllib.error.HTTPError as error:
        problem = f"the server answered {error.code} {error.reason}"
        raise WeightsError(f"{path.name}: not downloaded from {url}: {problem}") from None
    except (OSError, ValueError) as error:
        cause = getattr(error, "reason", error)
        reason = getattr(cause, "strerror", None) or cause
        raise WeightsError(f"{path.name}: not downloaded from {url}: {reason}") from None
    finally:
        part.unlink(missing_ok=True)
    return path


def _download(url: str, path: Path) -> None:
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer, path.open("wb") as file:
        length = int(answer.headers.get("Content-Length") or 0)
        bar = tqdm(total=length or None, unit="B", unit_scale=True, desc=url.rpartition("/")[2])
        with bar:
            while chunk := answer.read(CHUNK_BYTES):
                file.write(chunk)
                bar.update(len(chunk))
        size = file.tell()
    if length and size < length:
        raise ValueError(f"only {size} of {length} bytes came")
    with path.open("rb") as file:
        if file.read(len(_ARCHIVE)) != _ARCHIVE:
            raise ValueError("what came is no file of weights")


def can_export() -> bool:
    """Say whether the extra that exports is installed."""
    return all(find_spec(package) is not None for package in ("ultralytics", "onnx"))


def export(weights: Path) -> Path:
    """Return the ONNX file of a `.pt` file, made beside it unless it is there; needs the extra.

    It takes frames of any size, and has the NMS-free head where the model has one. Raises
    `WeightsError` for weights that cannot be exported.
    """
    path = weights.with_suffix(".onnx")
    if path.is_file():
        return path
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")  # it installs packages on its own otherwise
    try:
        from ultralytics import RTDETR, YOLO

        logging.getLogger("ultralytics").setLevel(logging.ERROR)
        model = (RTDETR if weights.stem.startswith("rtdetr") else YOLO)(weights)
        has_nms_free_head = getattr(model.model.model[-1], "one2one_cv2", None) is not None
        head = {"nms": False} if has_nms_free_head else {}
        model.export(format="onnx", dynamic=model.task != "classify", verbose=False, **head)
    except Exception as error:  # torch and Ultralytics raise many kinds
        reason = (str(error).strip() or repr(error)).splitlines()[0]
        raise WeightsError(f"{weights}: not exported to ONNX: {reason}") from error
    return path
