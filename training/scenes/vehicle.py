"""Vehicles: a body lofted along its length, a glasshouse, wheels, lights and a plate."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from training.scenes.camera import Camera, Points
from training.scenes.layer import Colour, Layer
from training.scenes.lettering import Lettered, plate
from training.scenes.light import Light
from training.scenes.pen import Pen, Placement
from training.scenes.vehicle_faces import front_image, glass_image, rear_image

PAINTS = (
    (235, 235, 232),
    (190, 192, 192),
    (120, 122, 124),
    (52, 52, 54),
    (30, 28, 28),
    (50, 40, 165),
    (150, 80, 35),
    (110, 60, 25),
    (60, 95, 50),
    (70, 150, 200),
    (90, 120, 140),
    (170, 175, 150),
)


@dataclass(frozen=True)
class VehicleShape:
    """Sizes in metres; the glasshouse's z is measured from the front bumper backwards."""

    length: float
    width: float
    height: float
    nose: float
    belt: float
    tail: float
    glass_from: float
    roof_from: float
    roof_to: float
    glass_to: float
    plate_front: float
    plate_rear: float
    panel_sides: bool = False


SHAPES = (
    VehicleShape(3.9, 1.70, 1.48, 0.74, 0.92, 0.92, 0.95, 1.65, 3.45, 3.85, 0.46, 0.72),
    VehicleShape(4.6, 1.78, 1.44, 0.70, 0.90, 0.92, 1.20, 1.95, 3.35, 3.95, 0.44, 0.72),
    VehicleShape(4.5, 1.84, 1.70, 0.88, 1.06, 1.06, 1.10, 1.75, 4.05, 4.40, 0.55, 0.84),
    VehicleShape(5.0, 1.92, 2.15, 0.98, 1.16, 1.16, 0.60, 1.35, 4.97, 5.00, 0.52, 0.62, True),
)

# Along the length: share of the length from the front, share of the half width there.
STATIONS = (
    (0.0, 0.86),
    (0.015, 0.93),
    (0.05, 0.98),
    (0.15, 1.0),
    (0.35, 1.0),
    (0.6, 1.0),
    (0.8, 1.0),
    (0.94, 0.98),
    (0.985, 0.94),
    (1.0, 0.88),
)
CLEARANCE_M = 0.19
WHEEL_RADIUS_M = 0.32


class Vehicle:
    """A vehicle's looks; its own axes are x to its right, y up, z ahead from its middle."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.shape = SHAPES[rng.choice(4, p=(0.34, 0.3, 0.2, 0.16))]
        self.paint: Colour = PAINTS[rng.integers(len(PAINTS))]
        if self.shape.panel_sides and rng.random() < 0.6:
            self.paint = PAINTS[0]
        self.plate: Lettered = plate(rng)
        self.front_image = front_image(rng, self.paint)
        self.rear_image = rear_image(rng, self.paint)
        self.glass_image = glass_image(rng)
        self.rim = int(rng.integers(90, 200))

    def outline(self) -> Points:
        """Return the corners (N, 3) of a hull close around the vehicle, in its own axes."""
        s, half = self.shape, self.shape.width / 2
        ring = [
            (side * half, y, z)
            for side in (-1, 1)
            for y in (0.05, s.belt)
            for z in (-s.length / 2, s.length / 2)
        ]
        roof = [
            (side * half * 0.78, s.height, s.length / 2 - back)
            for side in (-1, 1)
            for back in (s.roof_from, s.roof_to)
        ]
        return np.asarray(ring + roof)

    def plate_quad(self, front: bool) -> Points:
        """Return the plate's corners (4, 3) as read, in the vehicle's own axes."""
        s, p = self.shape, self.plate
        middle = s.plate_front if front else s.plate_rear
        z = s.length / 2 + 0.015 if front else -s.length / 2 - 0.015
        left = p.width_m / 2 if front else -p.width_m / 2
        top, bottom = middle + p.height_m / 2, middle - p.height_m / 2
        return np.array([[left, top, z], [-left, top, z], [-left, bottom, z], [left, bottom, z]])

    def lamp_points(self, front: bool) -> Points:
        """Return the two head or tail lamps (2, 3), in the vehicle's own axes."""
        s = self.shape
        z = s.length / 2 if front else -s.length / 2
        y = s.nose - 0.11 if front else s.tail - 0.18
        return np.array([[-0.66 * s.width / 2, y, z], [0.66 * s.width / 2, y, z]])

    def paint_on(self, layer: Layer, camera: Camera, light: Light, place: Placement) -> None:
        """Draw the vehicle, farthest faces first."""
        pen = Pen(layer, camera, light, place)
        self._paint_wheels(pen)
        self._paint_body(pen)
        self._paint_sides(pen)
        self._paint_ends(pen)
        self._paint_glasshouse(pen)

    def _paint_wheels(self, pen: Pen) -> None:
        s = self.shape
        for z in (s.length * 0.31, -s.length * 0.30):
            for side in (-1.0, 1.0):
                outer, inner = side * s.width * 0.49, side * s.width * 0.36
                both = np.concatenate([_circle(outer, z, 1.0), _circle(inner, z, 1.0)])
                pen.hull(both, (26, 26, 27))

    def _paint_body(self, pen: Pen) -> None:
        rings = [self._ring(share, wide) for share, wide in STATIONS]
        faces = [
            np.stack([front[i], front[i + 1], back[i + 1], back[i]])
            for front, back in pairwise(rings)
            for i in range(len(front) - 1)
        ]
        for face in pen.visible_far_first(faces):
            pen.face(face, self.paint, gloss=0.55)

    def _ring(self, share: float, wide: float) -> Points:
        s = self.shape
        back = share * s.length
        if back < s.glass_from:
            top = s.nose + (s.belt - s.nose) * (back / s.glass_from) ** 0.7
        else:
            top = s.belt + (s.tail - s.belt) * max(0.0, back - s.glass_to) / s.length
        if share in (0.0, 1.0):
            top -= 0.05
        low = CLEARANCE_M + (0.06 if share < 0.02 or share > 0.98 else 0.0)
        half = s.width / 2 * wide
        right = [
            (0.0, top + 0.03),
            (0.6, top + 0.02),
            (0.86, top - 0.01),
            (0.96, top - 0.07),
            (1.0, 0.55 * (top + low)),
            (0.99, low + 0.14),
            (0.94, low),
        ]
        profile = [(-x, y) for x, y in reversed(right)] + right[1:]
        return np.array([(x * half, y, s.length / 2 - back) for x, y in profile])

    def _paint_sides(self, pen: Pen) -> None:
        s = self.shape
        for side in (-1.0, 1.0):
            x = side * s.width / 2
            if not pen.sees(np.array([x, 0.6, 0.0]), np.array([side, 0.0, 0.0])):
                continue
            for z in (s.length * 0.31, -s.length * 0.30):
                pen.flat(_circle(x * 1.002, z, 1.2), (16, 16, 17))
                pen.flat(_circle(x * 1.004, z, 1.0), (34, 34, 36))
                pen.flat(_circle(x * 1.006, z, 0.62), (self.rim,) * 3)
                for angle in np.arange(5) * 2 * np.pi / 5:
                    tip = (
                        x * 1.008,
                        WHEEL_RADIUS_M * (1 + 0.55 * np.sin(angle)),
                        z + 0.55 * WHEEL_RADIUS_M * np.cos(angle),
                    )
                    hub = (x * 1.008, WHEEL_RADIUS_M, z)
                    pen.line(np.array([hub, tip]), (self.rim * 0.4,) * 3, 0.03)
            dark = tuple(0.45 * channel for channel in self.paint)
            sill = CLEARANCE_M + 0.08
            pen.line(np.array([(x, sill, s.length * 0.2), (x, sill, -s.length * 0.2)]), dark, 0.05)
            for z in (s.length / 2 - s.glass_from - 0.1, -0.05 * s.length, -0.27 * s.length):
                pen.line(np.array([(x, sill, z), (x * 0.985, s.belt - 0.05, z)]), dark, 0.014)
            pen.line(
                np.array(
                    [(x, s.belt - 0.16, -0.01 * s.length), (x, s.belt - 0.16, 0.03 * s.length)]
                ),
                dark,
                0.03,
            )

    def _paint_ends(self, pen: Pen) -> None:
        s = self.shape
        for front, share, image in ((True, 0.0, self.front_image), (False, 1.0, self.rear_image)):
            z = s.length / 2 if front else -s.length / 2
            towards = np.array([0.0, 0.0, 1.0 if front else -1.0])
            if not pen.sees(np.array([0.0, 0.5, z]), towards):
                continue
            ring = self._ring(share, STATIONS[0][1] if front else STATIONS[-1][1])
            pen.face(ring, self.paint, normal=towards)
            left = ring[:, 0].max() if front else ring[:, 0].min()
            top, low = float(ring[:, 1].max()) - 0.04, float(ring[:, 1].min())
            quad = np.array([[left, top, z], [-left, top, z], [-left, low, z], [left, low, z]])
            pen.picture(quad * (0.985, 1, 1), image, towards)
            pen.picture(self.plate_quad(front), self.plate.image, towards)

    def _paint_glasshouse(self, pen: Pen) -> None:
        s = self.shape
        wide, narrow = s.width / 2 * 0.94, s.width / 2 * 0.76
        z = [s.length / 2 - back for back in (s.glass_from, s.roof_from, s.roof_to, s.glass_to)]
        base = {
            (side, end): np.array([side * wide, s.belt, z[0] if end else z[3]])
            for side in (-1, 1)
            for end in (0, 1)
        }
        roof = {
            (side, end): np.array([side * narrow, s.height, z[1] if end else z[2]])
            for side in (-1, 1)
            for end in (0, 1)
        }
        crown = [
            np.array(
                [side * narrow * 0.9, s.height + 0.04, (z[1], z[2])[1 - end] + (0.5 - end) * 0.3]
            )
            for side, end in ((1, 1), (-1, 1), (-1, 0), (1, 0))
        ]
        rim = [roof[1, 1], roof[-1, 1], roof[-1, 0], roof[1, 0]]
        for side in (-1, 1):
            quad = np.stack([base[side, 1], base[side, 0], roof[side, 0], roof[side, 1]])
            pen.pane(
                quad if side > 0 else quad[::-1],
                self.paint,
                None if s.panel_sides else self.glass_image,
                0.12,
            )
        pen.pane(
            np.stack([roof[-1, 0], roof[1, 0], base[1, 0], base[-1, 0]]),
            self.paint,
            None if s.panel_sides else self.glass_image,
            0.08,
        )
        pen.pane(
            np.stack([roof[1, 1], roof[-1, 1], base[-1, 1], base[1, 1]]),
            self.paint,
            self.glass_image,
            0.055,
        )
        for i in range(4):
            edge = np.stack([rim[i], rim[(i + 1) % 4], crown[(i + 1) % 4], crown[i]])
            pen.face(edge, self.paint, gloss=0.45, upward=True)
        pen.face(np.stack(crown), self.paint, gloss=0.7, upward=True)
        if not pen.sees(np.array([0, s.belt, z[0]]), np.array([0.0, 0.0, 1.0])):
            return
        for side in (-1, 1):
            inner, outer = side * s.width * 0.43, side * (s.width / 2 + 0.15)
            y, behind = s.belt + 0.07, z[0] - 0.25
            mirror = np.array(
                [
                    [inner, y + 0.03, behind],
                    [outer, y + 0.08, behind],
                    [outer, y - 0.07, behind],
                    [inner, y - 0.07, behind],
                ]
            )
            pen.flat(mirror, tuple(0.6 * channel for channel in self.paint))


def _circle(x: float, z: float, share: float) -> Points:
    angles = np.arange(20) * 2 * np.pi / 20
    radius = WHEEL_RADIUS_M * share
    return np.stack(
        [np.full(20, x), WHEEL_RADIUS_M + radius * np.sin(angles), z + radius * np.cos(angles)],
        axis=1,
    )
