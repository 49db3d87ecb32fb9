"""Where things stand, and a pen that draws their faces lit and in perspective."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from training.scenes.camera import Camera, Points
from training.scenes.layer import Colour, Image, Layer
from training.scenes.light import Light


@dataclass(frozen=True)
class Placement:
    """Where something stands: its middle on the ground, and its heading about the upright axis."""

    position: tuple[float, float, float]
    yaw_rad: float

    def to_world(self, points: Points) -> Points:
        """Return own coordinates (N, 3) as world coordinates."""
        return np.asarray(points @ self._turn.T + np.asarray(self.position))

    def turn(self, direction: Points) -> Points:
        """Return an own direction (3,) as a world direction."""
        return np.asarray(self._turn @ direction)

    @cached_property
    def _turn(self) -> Points:
        cos, sin = np.cos(self.yaw_rad), np.sin(self.yaw_rad)
        return np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])


class Pen:
    """Draws faces given in an object's own axes, lit."""

    def __init__(self, layer: Layer, camera: Camera, light: Light, place: Placement) -> None:
        self.layer, self.camera, self.light, self.place = layer, camera, light, place
        self.distance_m = max(1.0, camera.depth_m(np.asarray(place.position)))

    def sees(self, point: Points, normal: Points) -> bool:
        """Return whether the camera is before the face at `point` (3,) with `normal` (3,)."""
        world = self.place.to_world(point[None])[0]
        return float(np.dot(self.place.turn(normal), self.camera.position - world)) > 0

    def visible_far_first(self, faces: list[Points]) -> list[Points]:
        """Return the faces (N, 3) that look at the camera, the farthest first."""
        seen = [face for face in faces if self.sees(face.mean(axis=0), _normal(face))]

        def depth(face: Points) -> float:
            return -self.camera.depth_m(self.place.to_world(face.mean(axis=0)[None])[0])

        return sorted(seen, key=depth)

    def face(
        self,
        face: Points,
        colour: Colour,
        gloss: float = 0.0,
        upward: bool = False,
        normal: Points | None = None,
    ) -> None:
        """Fill a convex face (N, 3); `upward` turns its normal up, `gloss` mirrors the sky."""
        normal = _normal(face) if normal is None else normal
        if upward and normal[1] < 0:
            normal = -normal
        world_normal = self.place.turn(normal)
        shaded = self.light.shade(colour, world_normal, self.distance_m, gloss)
        self.layer.polygon(self._pixels(face), shaded)

    def flat(self, face: Points, colour: Colour) -> None:
        """Fill a face with the light that upright things get, whatever its direction."""
        self.face(face, colour, normal=np.array([0.0, 0.3, 0.95]))

    def hull(self, points: Points, colour: Colour) -> None:
        """Fill the convex outline of `points` (N, 3)."""
        pixels = self._pixels(points)
        if len(pixels) > 2:
            hull = cv2.convexHull(pixels.astype(np.float32))[:, 0]
            self.layer.polygon(np.asarray(hull, np.float64), colour)

    def line(self, points: Points, colour: Colour, width_m: float) -> None:
        """Draw a line through `points` (N, 3)."""
        world = self.place.to_world(points)
        depth = min(self.camera.depth_m(point) for point in world)
        if depth < 0.5:
            return
        shaded = self.light.shade(colour, np.array([0.0, 1.0, 0.0]), self.distance_m)
        self.layer.polyline(
            self.camera.project(world), shaded, width_m * self.camera.focal_px / depth
        )

    def picture(self, quad: Points, image: Image, normal: Points) -> None:
        """Map `image` on a quad (4, 3), given as top-left, top-right, bottom-right, bottom-left."""
        lit = self.light.shade_image(image, self.place.turn(normal), self.distance_m)
        self.layer.texture(self._pixels(quad), lit)

    def pane(self, quad: Points, paint: Colour, glass: Image | None, frame_share: float) -> None:
        """Draw a body-coloured face with, unless None, `glass` inside a frame."""
        normal = _normal(quad)
        if float(np.dot(normal, quad.mean(axis=0) - (0, 0.8, 0))) < 0:
            normal = -normal
        if not self.sees(quad.mean(axis=0), normal):
            return
        self.face(quad, paint, gloss=0.3, normal=normal)
        if glass is not None:
            middle = quad.mean(axis=0)
            inner = middle + (quad - middle) * (1 - 2 * frame_share)
            self.picture(inner, glass, normal)

    def _pixels(self, points: Points) -> Points:
        return self.camera.project_polygon(self.place.to_world(points))


def _normal(face: Points) -> Points:
    """Return the unit normal (3,) of a flat face (N, 3)."""
    # Written out: numpy's cross product takes a quarter of a frame's time for such small vectors.
    (x0, y0, z0), (x1, y1, z1), (x2, y2, z2) = face[:3].tolist()
    ax, ay, az = x1 - x0, y1 - y0, z1 - z0
    bx, by, bz = x2 - x0, y2 - y0, z2 - z0
    normal = np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])
    return np.asarray(normal / max(float(np.linalg.norm(normal)), 1e-9))
