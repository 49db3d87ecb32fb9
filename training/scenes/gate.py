"""The gate: a road with vehicles that come towards a camera or leave it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from training.scenes.actor import Actor, Region, add_glare, cast_shadow
from training.scenes.camera import Camera, Points
from training.scenes.gate_ground import paint_surroundings
from training.scenes.gate_props import bar_actor, post_actor
from training.scenes.layer import FloatImage, Layer
from training.scenes.pen import Placement
from training.scenes.traffic import Lane, drive
from training.scenes.vehicle import Vehicle
from training.scenes.weather import Conditions

Path = Callable[[float], Placement | None]


class Gate:
    """A gate with its camera and its vehicles; see `training.scenes.scene.Setting`."""

    def __init__(
        self,
        seed: int,
        camera: Camera,
        conditions: Conditions,
        wall_m: tuple[float, float] = (5.0, 9.0),
    ) -> None:
        self.camera, self.conditions = camera, conditions
        self.actors: list[Actor] = []
        self._rng = np.random.default_rng([seed, 1])
        self._still = paint_surroundings(
            np.random.default_rng([seed, 2]), camera, conditions, wall_m
        )
        self._vehicles = 0

    def background(self, time_s: float) -> FloatImage:
        """Return a new picture (480, 640, 3) of the gate without its vehicles."""
        return self._still.copy()

    def add_lane(self, lane: Lane, entries_s: list[float]) -> None:
        """Let a vehicle enter `lane` at each of these times."""
        places = lane.travel()
        for enters_s in entries_s:
            sway_m = float(self._rng.normal(0, 0.06))
            self.add_vehicle(partial(drive, lane, enters_s, sway_m, places))

    def add_vehicle(self, path: Path) -> None:
        """Add a vehicle that follows `path`; tracks are numbered in pairs, vehicle and plate."""
        vehicle, first_id = Vehicle(self._rng), 2 * self._vehicles + 1
        self._vehicles += 1
        hull = vehicle.outline()
        camera, light = self.camera, self.conditions.light
        self.actors.append(
            Actor(
                place=path,
                hull=hull,
                anchor=np.array([0.0, 0.6, vehicle.shape.length / 2]),
                paint=partial(self._paint, vehicle),
                regions=partial(self._regions, vehicle, first_id),
                shadow=lambda frame, place: cast_shadow(frame, camera, light, hull, place, 0.25),
                glow=partial(self._glow, vehicle),
            )
        )

    def add_bar(
        self, pivot: tuple[float, float, float], length_m: float, raised: Callable[[float], float]
    ) -> None:
        """Add a barrier's arm; `raised` gives its angle in radians at a time."""
        self.actors.append(bar_actor(self.camera, self.conditions.light, pivot, length_m, raised))

    def add_post(self, x_m: float, z_m: float, height_m: float, radius_m: float) -> None:
        """Add a bollard that may hide what is behind it."""
        self.actors.append(
            post_actor(self.camera, self.conditions.light, x_m, z_m, height_m, radius_m)
        )

    def _paint(self, vehicle: Vehicle, layer: Layer, place: Placement) -> None:
        vehicle.paint_on(layer, self.camera, self.conditions.light, place)

    def _shows_front(self, place: Placement) -> bool:
        ahead = place.turn(np.array([0.0, 0.0, 1.0]))
        return float(np.dot(ahead, self.camera.position - np.asarray(place.position))) > 0

    def _regions(self, vehicle: Vehicle, first_id: int, place: Placement) -> list[Region]:
        outline = self.camera.hull(place.to_world(vehicle.outline()))
        regions = [Region("vehicle", first_id, outline)] if len(outline) > 2 else []
        quad = place.to_world(vehicle.plate_quad(self._shows_front(place)))
        if self.camera.to_view(quad)[:, 2].min() > 0.5:
            pixels = self.camera.project(quad)
            regions.append(Region("plate", first_id + 1, pixels, vehicle.plate))
        return regions

    def _glow(self, vehicle: Vehicle, frame: FloatImage, place: Placement) -> None:
        if not self.conditions.light.night:
            return
        front = self._shows_front(place)
        lamps = place.to_world(vehicle.lamp_points(front))
        if self.camera.to_view(lamps)[:, 2].min() < 0.8:
            return
        colour = np.array([190.0, 225.0, 245.0]) if front else np.array([30.0, 25.0, 170.0])
        for lamp in lamps:
            depth = self.camera.depth_m(lamp)
            at = self.camera.project(lamp[None])[0]
            add_glare(frame, at, (0.34 if front else 0.2) * self.camera.focal_px / depth, colour)
            if self.conditions.rain:
                mirrored = lamp * (1, -1, 1)
                _add_streak(
                    frame,
                    self.camera.project(mirrored[None])[0],
                    0.12 * self.camera.focal_px / depth,
                    colour * 0.22,
                )


def _add_streak(frame: FloatImage, at: Points, width_px: float, colour: Points) -> None:
    """Add a lamp's long reflection on a wet road below the pixel `at`."""
    height = frame.shape[0]
    rows = np.arange(height, dtype=np.float32)[:, None] - at[1]
    half = int(width_px * 4)
    left, right = max(int(at[0]) - half, 0), min(int(at[0]) + half, frame.shape[1])
    if right <= left:
        return
    columns = np.arange(left, right, dtype=np.float32)[None, :] - at[0]
    falloff = np.exp(-((columns / width_px) ** 2)) * np.exp(-np.abs(rows) / (9 * width_px + 1))
    falloff *= np.clip(1 + rows / (6 * width_px + 1), 0, 1)
    frame[:, left:right] += falloff[..., None] * colour.astype(np.float32)
