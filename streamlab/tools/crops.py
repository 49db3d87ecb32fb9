"""The part of a frame that holds a line of text, made fit for reading."""

from typing import Any

import cv2
import numpy as np

from streamlab.tools.detection import Detection

Image = np.ndarray[Any, Any]

_MIN_SIDE_PX = 4


def cut(image: Image, box: Detection, margin: float) -> Image | None:
    """Return the box with `margin` (shares of its height) around it, grey, HxW uint8.

    `None` where too little of it is in the frame.
    """
    height, width = image.shape[:2]
    extra = margin * box.height
    x1, y1 = max(round(box.x - extra), 0), max(round(box.y - extra), 0)
    x2 = min(round(box.x + box.width + extra), width)
    y2 = min(round(box.y + box.height + extra), height)
    if x2 - x1 < _MIN_SIDE_PX or y2 - y1 < _MIN_SIDE_PX:
        return None
    grey: Image = cv2.cvtColor(np.ascontiguousarray(image[y1:y2, x1:x2]), cv2.COLOR_BGR2GRAY)
    return grey


def sharpness(crop: Image) -> float:
    """Return how sharp a grey crop is: its Laplacian against its own contrast."""
    contrast = float(crop.std()) + 1.0
    return float(cv2.Laplacian(crop, cv2.CV_32F).std()) / contrast


def prepare(crop: Image, scale: float, sharpen: float = 0.0) -> Image:
    """Return a grey crop scaled by `scale`, stretched to full contrast, dark on bright."""
    low, high = np.percentile(crop, (2, 98))
    stretched = np.clip((crop.astype(np.float32) - low) * (255 / max(high - low, 1.0)), 0, 255)
    if np.median(stretched) < 100:
        stretched = 255 - stretched
    scaled = cv2.resize(stretched, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    if sharpen:
        blurred = cv2.GaussianBlur(scaled, (0, 0), scale)
        scaled = cv2.addWeighted(scaled, 1 + sharpen, blurred, -sharpen, 0)
    result: Image = np.clip(scaled, 0, 255).astype(np.uint8)
    return result
