"""The conveyor: parcels with printed labels on a belt under a camera."""

from __future__ import annotations

from functools import partial

import numpy as np

from training.scenes.actor import Actor, Region, cast_shadow
from training.scenes.camera import Camera
from training.scenes.conveyor_ground import Belt
from training.scenes.layer import FloatImage, Layer
from training.scenes.parcel import Parcel
from training.scenes.pen import Pen, Placement
from training.scenes.weather import Conditions


class Conveyor:
    """A belt with its camera and its parcels; see `training.scenes.scene.Setting`.

    The belt runs along x with `speed` (m/s, negative: to the left).
    """

    def __init__(
        self, seed: int, camera: Camera, conditions: Conditions, speed: float, width_m: float = 1.0
    ) -> None:
        self.camera, self.conditions, self.speed = camera, conditions, speed
        self.actors: list[Actor] = []
        self.belt = Belt(np.random.default_rng([seed, 2]), camera, conditions.light, width_m)
        self._rng = np.random.default_rng([seed, 1])
        self._parcels = 0

    def background(self, time_s: float) -> FloatImage:
        """Return a new picture (480, 640, 3) of the hall with the belt moved on."""
        return self.belt.picture(self.speed * time_s)

    def add_parcel(self, parcel: Parcel, x_m: float, z_m: float, yaw_rad: float) -> None:
        """Put `parcel` where it is at (x, z) at time 0; tracks are numbered in pairs."""
        first_id = 2 * self._parcels + 1
        self._parcels += 1
        hull, camera, light = parcel.outline(), self.camera, self.conditions.light
        self.actors.append(
            Actor(
                place=partial(self._place, x_m, z_m, yaw_rad),
                hull=hull,
                anchor=np.array([0.0, parcel.height_m, 0.0]),
                paint=lambda layer, place: parcel.paint_on(layer, camera, light, place),
                regions=partial(self._regions, parcel, first_id),
                shadow=lambda frame, place: cast_shadow(frame, camera, light, hull, place, 0.05),
            )
        )

    def add_beam(self, x_m: float, height_m: float, width_m: float) -> None:
        """Add a scanner's frame over the belt, which hides what passes under it."""
        camera, light = self.camera, self.conditions.light
        near, far = -self.belt.width_m / 2 - 0.12, self.belt.width_m / 2 + 0.12
        hull = np.array(
            [
                (x, y, z)
                for x in (0.0, width_m)
                for y in (height_m, height_m + 0.06)
                for z in (near, far)
            ]
        )

        def paint(layer: Layer, place: Placement) -> None:
            pen = Pen(layer, camera, light, place)
            top = np.array(
                [
                    (0, height_m + 0.06, far),
                    (width_m, height_m + 0.06, far),
                    (width_m, height_m + 0.06, near),
                    (0, height_m + 0.06, near),
                ]
            )
            pen.face(top, (66, 66, 68), normal=np.array([0.0, 1.0, 0.0]))
            inner = top * (1, 1, 0.98) + (width_m * 0.25, 0.001, 0)
            inner[1:3, 0] -= width_m * 0.5
            pen.face(inner, (80, 80, 84), normal=np.array([0.0, 1.0, 0.0]))
            front = np.array(
                [
                    (0, height_m + 0.06, near),
                    (width_m, height_m + 0.06, near),
                    (width_m, height_m, near),
                    (0, height_m, near),
                ]
            )
            pen.face(front, (70, 150, 215), normal=np.array([0.0, 0.0, -1.0]))

        at = Placement((x_m, 0.0, 0.0), 0.0)
        self.actors.append(Actor(place=lambda time_s: at, hull=hull, paint=paint))

    def _place(self, x_m: float, z_m: float, yaw_rad: float, time_s: float) -> Placement | None:
        x = x_m + self.speed * time_s
        return Placement((x, 0.0, z_m), yaw_rad) if abs(x) < 4.0 else None

    def _regions(self, parcel: Parcel, first_id: int, place: Placement) -> list[Region]:
        outline = self.camera.hull(place.to_world(parcel.outline()))
        regions = [Region("parcel", first_id, outline)]
        if parcel.label is not None:
            quad = self.camera.project(place.to_world(parcel.label_quad()))
            regions.append(Region("label", first_id + 1, quad, parcel.label))
        return regions
