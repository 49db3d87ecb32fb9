"""A pinhole camera: from metres in the world to pixels in the frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

FRAME_WIDTH_PX = 640
FRAME_HEIGHT_PX = 480
NEAR_PLANE_M = 0.3


@dataclass(frozen=True)
class Camera:
    """A camera at a fixed place; the world has x to the right, y up and z ahead, in metres.

    `axes` holds the camera's right, down and forward directions as its three rows.
    """

    position: Points
    axes: Points
    focal_px: float

    @classmethod
    def look_at(
        cls,
        position: tuple[float, float, float],
        target: tuple[float, float, float],
        focal_px: float,
        roll_deg: float = 0.0,
    ) -> Camera:
        """Return the camera at `position` that has `target` in the middle of its frame."""
        eye = np.asarray(position, dtype=np.float64)
        forward = np.asarray(target, dtype=np.float64) - eye
        forward /= np.linalg.norm(forward)
        right = np.cross((0.0, 1.0, 0.0), forward)
        right /= np.linalg.norm(right)
        down = -np.cross(forward, right)
        roll = np.radians(roll_deg)
        rolled_right = np.cos(roll) * right + np.sin(roll) * down
        rolled_down = np.cos(roll) * down - np.sin(roll) * right
        return cls(eye, np.stack([rolled_right, rolled_down, forward]), focal_px)

    def to_view(self, points: Points) -> Points:
        """Return world `points` (N, 3) as camera coordinates (right, down, forward)."""
        return np.asarray((points - self.position) @ self.axes.T)

    def project(self, points: Points) -> Points:
        """Return the pixels (N, 2) of world `points` (N, 3), which must lie before the camera."""
        return self._to_pixels(self.to_view(np.asarray(points, dtype=np.float64)))

    def project_polygon(self, points: Points) -> Points:
        """Return the pixels (M, 2) of a polygon, cut off at the near plane; M may be 0."""
        view = self.to_view(np.asarray(points, dtype=np.float64))
        if np.all(view[:, 2] >= NEAR_PLANE_M):
            return self._to_pixels(view)
        kept: list[Points] = []
        for here, there in zip(view, np.roll(view, -1, axis=0), strict=True):
            if here[2] >= NEAR_PLANE_M:
                kept.append(here)
            if (here[2] >= NEAR_PLANE_M) != (there[2] >= NEAR_PLANE_M):
                share = (NEAR_PLANE_M - here[2]) / (there[2] - here[2])
                kept.append(here + share * (there - here))
        return self._to_pixels(np.asarray(kept)) if kept else np.empty((0, 2))

    def hull(self, world: Points) -> Points:
        """Return the outline (N, 2) in pixels of world points (N, 3), cut off at the near plane."""
        depth = self.to_view(world)[:, 2]
        ahead = depth >= NEAR_PLANE_M
        points = [world[ahead]]
        for here in np.flatnonzero(ahead):
            for there in np.flatnonzero(~ahead):
                share = (NEAR_PLANE_M - depth[here]) / (depth[there] - depth[here])
                points.append((world[here] + share * (world[there] - world[here]))[None])
        kept = np.concatenate(points)
        if len(kept) < 3:
            return np.empty((0, 2))
        pixels = self.project(kept).astype(np.float32)
        return np.asarray(cv2.convexHull(pixels)[:, 0], np.float64)

    def depth_m(self, point: Points) -> float:
        """Return how far ahead of the camera a world `point` lies."""
        return float(self.axes[2] @ (np.asarray(point) - self.position))

    def ground_homography(self, origin: Points, along: Points, across: Points) -> Points:
        """Return the 3x3 map from plane coordinates (m along, m across) to pixels."""
        columns = np.stack([along, across, np.asarray(origin) - self.position], axis=1)
        centre = np.array(
            [
                [self.focal_px, 0, FRAME_WIDTH_PX / 2],
                [0, self.focal_px, FRAME_HEIGHT_PX / 2],
                [0, 0, 1.0],
            ]
        )
        return np.asarray(centre @ self.axes @ columns)

    def _to_pixels(self, view: Points) -> Points:
        depth = np.maximum(view[:, 2:3], NEAR_PLANE_M / 2)
        centre = np.array([FRAME_WIDTH_PX / 2, FRAME_HEIGHT_PX / 2])
        return np.asarray(view[:, :2] / depth * self.focal_px + centre)
