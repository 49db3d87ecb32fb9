"""The part of a frame that holds a line of text, made fit for reading."""

from typing import Any, NamedTuple

import cv2
import numpy as np

from streamlab.tools.detection import Detection

Image = np.ndarray[Any, Any]

_MIN_SIDE_PX = 4
_EDGE_SHARE = 0.02
"""Of the frame's width or height. A detector sees the cut side of a box some pixels inside."""
_MIN_CONTRAST = 8.0
"""In grey levels; less is noise."""


class Preparation(NamedTuple):
    """One way to make a box's pixels fit for an OCR engine."""

    height_px: int
    """What the box's height is scaled to."""
    side_margin: float
    """Share of the box's height that is added left and right; less than 0 cuts into it."""
    upper_margin: float
    """The same above and below."""
    brightest_channel: bool
    """Take each pixel's brightest channel, where coloured grounds are bright, instead of grey."""


# An engine misreads a crop at one scale and not at another; a narrow crop loses the ends of a
# text whose box is too tight, a wide one reads what lies beside it as letters. The first two are
# the best by themselves, the others fail on other texts.
PREPARATIONS = (
    Preparation(32, -0.05, -0.1, brightest_channel=True),
    Preparation(40, -0.1, -0.1, brightest_channel=True),
    Preparation(48, 0.0, -0.1, brightest_channel=True),
    Preparation(32, 0.1, -0.15, brightest_channel=True),
    Preparation(64, 0.0, 0.0, brightest_channel=False),
)


def is_cut_off(box: Detection, image: Image) -> bool:
    """Say whether `box` touches the border of the frame, where the rest of it may lie outside."""
    height, width = int(image.shape[0]), int(image.shape[1])
    edge_x, edge_y = width * _EDGE_SHARE, height * _EDGE_SHARE
    inside_x = edge_x <= box.x and box.x + box.width <= width - edge_x
    inside_y = edge_y <= box.y and box.y + box.height <= height - edge_y
    return not (inside_x and inside_y)


def prepare(
    image: Image, box: Detection, preparation: Preparation, margin: float = 0.0
) -> Image | None:
    """Return the text in `box` as a grey image, dark on bright, at full contrast.

    `image` is HxWx3 uint8; `margin`, a share of the box's height, is added to
    the preparation's own. `None` where nothing is
    left of the box, or nothing stands out in it, where an engine would make something up.
    """
    height, width = image.shape[:2]
    extra_x = (preparation.side_margin + margin) * box.height
    extra_y = (preparation.upper_margin + margin) * box.height
    x1, y1 = max(round(box.x - extra_x), 0), max(round(box.y - extra_y), 0)
    x2 = min(round(box.x + box.width + extra_x), width)
    y2 = min(round(box.y + box.height + extra_y), height)
    if x2 - x1 < _MIN_SIDE_PX or y2 - y1 < _MIN_SIDE_PX:
        return None
    crop = np.ascontiguousarray(image[y1:y2, x1:x2])
    grey = crop.max(axis=2) if preparation.brightest_channel else _grey(crop)
    dark, ground, bright = np.percentile(grey, (5, 70, 95))
    if np.median(grey) < (dark + bright) / 2:
        grey = 255 - _grey(crop)
        dark, ground = np.percentile(grey, (5, 70))
    contrast = float(ground - dark)
    if contrast < _MIN_CONTRAST:
        return None
    # The ground of most of the box becomes white, and so does what is brighter still.
    stretched = cv2.convertScaleAbs(np.clip(grey, dark, ground) - dark, alpha=255 / contrast)
    scale = preparation.height_px / box.height
    size = (max(round((x2 - x1) * scale), 1), max(round((y2 - y1) * scale), 1))
    scaled: Image = cv2.resize(stretched, size, interpolation=cv2.INTER_CUBIC)
    return scaled


def _grey(crop: Image) -> Image:
    grey: Image = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    return grey
