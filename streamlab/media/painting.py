"""Strokes, areas and labels on a frame, HxWx3 uint8 in BGR order; the colour of a label."""

from collections.abc import Mapping, Sequence
from typing import Any

Colour = tuple[int, int, int]
"""Blue, green and red."""

# Okabe and Ito's palette, readable with any colour vision (https://jfly.uni-koeln.de/color/), BGR
PALETTE: tuple[Colour, ...] = (
    (178, 114, 0),
    (0, 94, 213),
    (115, 158, 0),
    (167, 121, 204),
    (233, 180, 86),
    (0, 159, 230),
    (66, 228, 240),
)
BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)
STALE: Colour = (128, 128, 128)
BRIGHT_LUMA = 140
FONT_SCALE = 0.45
LINE_PX = 2
DOT_PX = 3
FILL_SHARE = 0.5
"""Opacity of filled areas."""
FAR_PX = 30_000
"""Coordinates are clipped to this: OpenCV uses 16 bits and a fraction."""


def colour_of(thing: Mapping[str, Any]) -> Colour:
    """Return the colour of a detection or shape: its own, else that of its label."""
    own = thing.get("color")
    if own:
        red, green, blue = bytes.fromhex(own[1:])
        return blue, green, red
    # from the label's own bytes: the same colour in every video
    label = (thing.get("label") or "").encode()
    return PALETTE[int.from_bytes(label, "big") % len(PALETTE)]


def stroke(canvas: Any, points: Sequence[Sequence[float]], colour: Colour, closed: bool) -> None:
    """Draw a line through points, x and y."""
    import cv2

    cv2.polylines(canvas, [_pixels(points)], closed, colour, LINE_PX, cv2.LINE_AA)


def fill(canvas: Any, rings: Sequence[Sequence[Sequence[float]]], colour: Colour) -> None:
    """Fill the area within rings half-transparently, by the even-odd rule."""
    import cv2
    import numpy as np

    polygons = [_pixels(ring) for ring in rings if len(ring)]
    if not polygons:
        return
    height, width = canvas.shape[:2]
    every = np.concatenate(polygons)
    left, top = np.clip(every.min(axis=0), 0, (width, height))
    right, bottom = np.clip(every.max(axis=0) + 1, 0, (width, height))
    if right <= left or bottom <= top:
        return
    area = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(area, [polygon - (left, top) for polygon in polygons], 1)
    part = canvas[top:bottom, left:right]
    blended = part * (1 - FILL_SHARE) + np.array(colour) * FILL_SHARE
    part[area == 1] = np.rint(blended).astype(np.uint8)[area == 1]


def dot(canvas: Any, x: float, y: float, colour: Colour) -> None:
    """Draw a point with a white rim."""
    import cv2

    [at] = _pixels([(x, y)]).tolist()
    cv2.circle(canvas, at, DOT_PX + 1, WHITE, cv2.FILLED, cv2.LINE_AA)
    cv2.circle(canvas, at, DOT_PX, colour, cv2.FILLED, cv2.LINE_AA)


def label(canvas: Any, text: str, at: tuple[float, float], background: Colour) -> None:
    """Write a line on a background, within the frame; `at` is the start of its base line."""
    import cv2

    blue, green, red = background
    luma = 0.114 * blue + 0.587 * green + 0.299 * red  # ITU-R BT.601
    colour = BLACK if luma > BRIGHT_LUMA else WHITE
    font = cv2.FONT_HERSHEY_SIMPLEX
    (width, height), base = cv2.getTextSize(text, font, FONT_SCALE, 1)
    x = max(0, min(round(at[0]), canvas.shape[1] - width - 4))
    y = max(height + 3, min(round(at[1]), canvas.shape[0] - base - 1))
    cv2.rectangle(canvas, (x, y - height - 3), (x + width + 4, y + base), background, cv2.FILLED)
    cv2.putText(canvas, text, (x + 2, y), font, FONT_SCALE, colour, 1, cv2.LINE_AA)


def _pixels(points: Sequence[Sequence[float]]) -> Any:
    import numpy as np

    near = np.clip(np.array(points, float).reshape(-1, 2), -FAR_PX, FAR_PX)
    return np.rint(near).astype(np.int32)
