"""The four sample videos: which scene each shows, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from training.scenes.camera import Camera
from training.scenes.conveyor import Conveyor
from training.scenes.gate import Gate
from training.scenes.light import Light
from training.scenes.parcel import Parcel
from training.scenes.scene import Scene, Setting
from training.scenes.traffic import Lane
from training.scenes.weather import Conditions

CLIP_FPS = 30


@dataclass(frozen=True)
class Clip:
    """A sample video: its name, its length, its seed and what it shows."""

    name: str
    frames: int
    seed: int
    summary: str
    setting: Callable[[int], Setting]

    def scene(self) -> Scene:
        """Return the clip's scene, which renders its frames in any order."""
        return Scene(self.setting(self.seed), self.seed, CLIP_FPS)


SUNNY = Light((0.95, 0.92, 0.9), (0.36, 0.4, 0.42), (-0.45, 0.78, -0.43), (238, 226, 210))
OVERCAST = Light((1.02, 1.0, 0.98), (0.1, 0.1, 0.1), (0.2, 0.97, -0.1), (218, 214, 208))
NIGHT = Light(
    (0.24, 0.2, 0.185), (0.04, 0.05, 0.07), (0.1, 0.97, 0.2), (60, 48, 40), lamp=0.42, night=True
)
HALL = Light((0.74, 0.75, 0.77), (0.26, 0.26, 0.26), (0.3, 0.92, -0.25), (225, 225, 225))
GATE_CAMERA = Camera.look_at((0.1, 1.95, 0.0), (0.1, 0.72, 7.5), 1080)


def _gate_easy(seed: int) -> Setting:
    gate = Gate(
        seed, GATE_CAMERA, Conditions(SUNNY, noise_levels=1.5, exposure_s=1 / 1000), (2.0, 3.0)
    )
    gate.add_lane(Lane(-1.2, True, 8.2, gate_speed=1.7), [-4.4 + 3.2 * k for k in range(5)])
    gate.add_lane(Lane(1.22, False, 8.0, gate_speed=2.2), [-2.2 + 3.4 * k for k in range(4)])
    return gate


def _gate_night_rain(seed: int) -> Setting:
    conditions = Conditions(NIGHT, rain=0.8, noise_levels=3.0, exposure_s=1 / 250)
    gate = Gate(seed, GATE_CAMERA, conditions)
    gate.add_lane(Lane(-1.2, True, 8.2, gate_speed=1.7), [-4.0 + 3.4 * k for k in range(5)])
    gate.add_lane(Lane(1.22, False, 8.0, gate_speed=2.0), [-1.0 + 4.0 * k for k in range(3)])
    return gate


def _gate_sparse(seed: int) -> Setting:
    gate = Gate(
        seed, GATE_CAMERA, Conditions(OVERCAST, noise_levels=2.0, exposure_s=1 / 500), (2.5, 4.0)
    )
    gate.add_lane(Lane(-1.2, True, 8.2, gate_speed=2.0), [-3.0, 8.2])
    gate.add_lane(Lane(1.22, False, 8.0, gate_speed=2.2), [-1.8, 10.4])
    return gate


def _conveyor_fast(seed: int) -> Setting:
    rng = np.random.default_rng([seed, 3])
    camera = Camera.look_at((0.0, 1.85, -0.95), (0.0, 0.08, 0.04), 800)
    conveyor = Conveyor(
        seed, camera, Conditions(HALL, noise_levels=1.5, exposure_s=1 / 1500), 1.3, 1.25
    )
    for row, start in ((-0.3, 0.55), (0.3, 0.2)):
        x = start
        while x > -14.0:
            parcel = Parcel(rng)
            x -= parcel.width_m / 2
            conveyor.add_parcel(
                parcel, x, row + float(rng.normal(0, 0.02)), float(rng.normal(0, np.radians(2)))
            )
            x -= parcel.width_m / 2 + float(rng.uniform(0.05, 0.32))
    conveyor.add_beam(-0.56, 0.45, 0.06)
    return conveyor


CLIPS = (
    Clip("gate_easy", 390, 9_000_014, "a sunny gate with two lanes and steady traffic", _gate_easy),
    Clip(
        "gate_night_rain",
        390,
        9_000_002,
        "the gate in a rainy night, with headlights",
        _gate_night_rain,
    ),
    Clip(
        "conveyor_fast",
        300,
        9_000_003,
        "a fast, crowded belt with two rows of parcels",
        _conveyor_fast,
    ),
    Clip("gate_sparse", 450, 9_000_004, "an overcast gate with long empty stretches", _gate_sparse),
)
