"""One object's pixels with their coverage, drawn larger than the frame needs and scaled down.

Drawing at twice the size with hard edges and averaging gives smooth edges and, at the same time,
the premultiplied coverage that blur and compositing need.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from training.scenes.camera import FRAME_HEIGHT_PX, FRAME_WIDTH_PX, Points

Image = NDArray[np.uint8]
FloatImage = NDArray[np.float32]
Colour = Sequence[float]

SUPERSAMPLE = 2
SUBPIXEL_BITS = 4
# fillConvexPoly takes 32-bit integers with SUBPIXEL_BITS of fraction.
COORDINATE_LIMIT_PX = 20_000


class Layer:
    """The part of the frame that one object may touch, `margin_px` wider for its motion blur."""

    def __init__(self, outline: Points, margin_px: int = 12) -> None:
        left, top = np.floor(outline.min(axis=0)).astype(int) - margin_px
        right, bottom = np.ceil(outline.max(axis=0)).astype(int) + margin_px
        self.x0, self.y0 = max(int(left), -margin_px), max(int(top), -margin_px)
        self.x1 = min(int(right), FRAME_WIDTH_PX + margin_px)
        self.y1 = min(int(bottom), FRAME_HEIGHT_PX + margin_px)
        self.empty = self.x1 <= self.x0 or self.y1 <= self.y0
        height = max(self.y1 - self.y0, 1) * SUPERSAMPLE
        width = max(self.x1 - self.x0, 1) * SUPERSAMPLE
        self._bgr = np.zeros((height, width, 3), np.uint8)
        self._cover = np.zeros((height, width), np.uint8)

    def polygon(self, points: Points, colour: Colour) -> None:
        """Fill a convex polygon (N, 2) in frame pixels."""
        if len(points) < 3:
            return
        fixed = self._fixed_point(points)
        cv2.fillConvexPoly(self._bgr, fixed, _clip(colour), cv2.LINE_8, SUBPIXEL_BITS)
        cv2.fillConvexPoly(self._cover, fixed, 255, cv2.LINE_8, SUBPIXEL_BITS)

    def polyline(self, points: Points, colour: Colour, width_px: float) -> None:
        """Draw a line through points (N, 2) on what is already there."""
        thickness = max(1, round(width_px * SUPERSAMPLE))
        if len(points) > 1:
            cv2.polylines(
                self._bgr,
                [self._fixed_point(points)],
                False,
                _clip(colour),
                thickness,
                cv2.LINE_8,
                SUBPIXEL_BITS,
            )

    def texture(self, quad: Points, image: Image) -> None:
        """Map `image` on the quad given by its top-left, top-right, bottom-right, bottom-left."""
        if len(quad) != 4 or np.abs(quad).max() > COORDINATE_LIMIT_PX:
            return
        local = (quad - (self.x0, self.y0)) * SUPERSAMPLE
        low = np.maximum(np.floor(local.min(axis=0)).astype(int) - 1, 0)
        high = np.minimum(np.ceil(local.max(axis=0)).astype(int) + 2, self._cover.shape[::-1])
        if np.any(high <= low):
            return
        image = _shrink_to(image, local)
        height, width = image.shape[:2]
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
        matrix = cv2.getPerspectiveTransform(corners, (local - low - 0.5).astype(np.float32))
        size = (int(high[0] - low[0]), int(high[1] - low[1]))
        warped = cv2.warpPerspective(
            image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        inside = np.zeros(size[::-1], np.uint8)
        scaled = np.round((local - low - 0.5) * (1 << SUBPIXEL_BITS)).astype(np.int32)
        cv2.fillConvexPoly(inside, scaled, 255, cv2.LINE_8, SUBPIXEL_BITS)
        window = np.s_[low[1] : high[1], low[0] : high[0]]
        cv2.copyTo(warped, inside, self._bgr[window])
        cv2.copyTo(inside, inside, self._cover[window])

    def resolve(self) -> tuple[FloatImage, FloatImage]:
        """Return premultiplied BGR (H, W, 3) in 0..255 and coverage (H, W) in 0..1."""
        size = (self.x1 - self.x0, self.y1 - self.y0)
        bgr = cv2.resize(self._bgr, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        cover = cv2.resize(self._cover, size, interpolation=cv2.INTER_AREA)
        return bgr, cover.astype(np.float32) / 255.0

    def _fixed_point(self, points: Points) -> NDArray[np.int32]:
        limited = np.clip(points, -COORDINATE_LIMIT_PX, COORDINATE_LIMIT_PX)
        local = (limited - (self.x0, self.y0)) * SUPERSAMPLE - 0.5
        return np.round(local * (1 << SUBPIXEL_BITS)).astype(np.int32)


def _clip(colour: Colour) -> tuple[float, float, float]:
    blue, green, red = (float(min(max(channel, 0), 255)) for channel in colour)
    return blue, green, red


def _shrink_to(image: Image, quad: Points) -> Image:
    """Return `image` averaged down to about the size it is seen at, so that it does not alias."""
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    width = max(2, min(image.shape[1], int(max(sides[0], sides[2]))))
    height = max(2, min(image.shape[0], int(max(sides[1], sides[3]))))
    if (height, width) == image.shape[:2]:
        return image
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
