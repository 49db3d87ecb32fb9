"""Independent random pictures of gates and conveyors, for training and for evaluation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from training.scenes.camera import Camera
from training.scenes.conveyor import Conveyor
from training.scenes.gate import Gate
from training.scenes.layer import Image
from training.scenes.light import (
    Light,
    random_daylight,
    random_dusk,
    random_hall_light,
    random_night,
)
from training.scenes.parcel import Parcel
from training.scenes.pen import Placement
from training.scenes.scene import Scene
from training.scenes.truth import Truth
from training.scenes.weather import Conditions

EMPTY_SHARE = 0.05
# The sample videos use seeds from 9,000,000 on; no still may share one with them.
TRAINING_SEED, TRAINING_STILLS = 1_000_000, 1900
VALIDATION_SEED, VALIDATION_STILLS = 2_000_000, 150
EVALUATION_SEED, EVALUATION_STILLS = 3_000_000, 300


def sample_still(seed: int) -> tuple[Image, list[Truth]]:
    """Return picture number `seed` (480, 640, 3) BGR and its truth."""
    rng = np.random.default_rng([seed, 0])
    setting = _gate(rng, seed) if rng.random() < 0.52 else _conveyor(rng, seed)
    return Scene(setting, seed).render(0)


def _gate(rng: np.random.Generator, seed: int) -> Gate:
    kind = rng.random()
    light = (
        random_daylight(rng)
        if kind < 0.52
        else random_dusk(rng)
        if kind < 0.66
        else random_night(rng)
    )
    camera = Camera.look_at(
        (float(rng.uniform(-1.6, 1.6)), float(rng.uniform(1.4, 3.3)), 0.0),
        (float(rng.uniform(-0.9, 0.9)), float(rng.uniform(0.4, 1.1)), float(rng.uniform(6, 11))),
        float(rng.uniform(780, 1400)),
        float(rng.normal(0, 1.5)),
    )
    rain = float(rng.uniform(0.3, 1.0)) if rng.random() < 0.28 else 0.0
    gate = Gate(seed, camera, _conditions(rng, light, rain))
    if rng.random() < EMPTY_SHARE:
        return gate
    for side in (-1.0, 1.0):
        z = float(rng.uniform(3.2, 12.0))
        lane_x = side * float(rng.uniform(1.15, 1.6))
        towards = rng.random() < (0.75 if side < 0 else 0.3)
        for _ in range(rng.choice(4, p=(0.22, 0.4, 0.28, 0.1))):
            yaw = (np.pi if towards else 0.0) + float(rng.normal(0, np.radians(5)))
            speed = float(rng.uniform(0, 7)) * (-1 if towards else 1)
            x = lane_x + float(rng.normal(0, 0.15))
            gate.add_vehicle(_straight(x, z + 2.2, yaw, speed))
            z += float(rng.uniform(6.0, 13.0))
    if rng.random() < 0.2:
        angle = float(rng.choice([0.0, rng.uniform(0, 1.4)]))
        gate.add_bar((-2.9, 0.95, float(rng.uniform(3.5, 7.0))), 2.7, lambda time_s: angle)
    for _ in range(rng.choice(3, p=(0.7, 0.2, 0.1))):
        gate.add_post(
            float(rng.uniform(-2.5, 2.5)),
            float(rng.uniform(2.6, 6)),
            float(rng.uniform(0.7, 1.1)),
            float(rng.uniform(0.04, 0.08)),
        )
    return gate


def _straight(x: float, z: float, yaw: float, speed: float) -> Callable[[float], Placement | None]:
    return lambda time_s: Placement((x, 0.0, z + speed * time_s), yaw)


def _conveyor(rng: np.random.Generator, seed: int) -> Conveyor:
    oblique = rng.random() < 0.4
    eye_y, eye_z = (
        (rng.uniform(0.8, 1.5), rng.uniform(-2.4, -1.5))
        if oblique
        else (rng.uniform(1.5, 2.4), rng.uniform(-1.1, -0.35))
    )
    distance = float(np.hypot(eye_y, eye_z))
    eye_x = float(rng.normal(0, 0.2))
    camera = Camera.look_at(
        (eye_x, float(eye_y), float(eye_z)),
        # Looked down on steeply, a small step aside would turn the whole picture.
        (eye_x - float(eye_z * rng.normal(0, 0.08)), 0.1, float(rng.normal(0.02, 0.06))),
        distance * float(rng.uniform(190, 480)),
        float(rng.normal(0, 2.5)),
    )
    speed = float(rng.uniform(-1.6, 1.6))
    two_rows = rng.random() < 0.45
    light = random_hall_light(rng)
    conveyor = Conveyor(
        seed, camera, _conditions(rng, light, 0.0), speed, 1.25 if two_rows else 1.0
    )
    if rng.random() < EMPTY_SHARE:
        return conveyor
    for row in (-0.3, 0.3) if two_rows else (0.0,):
        x = -1.7 + float(rng.uniform(0, 0.7))
        while x < 1.7:
            front = oblique and rng.random() < 0.6
            parcel = Parcel(rng, label_on_front=bool(front), labelled=bool(rng.random() < 0.9))
            x += parcel.width_m / 2
            z = row + float(rng.normal(0, 0.04 if two_rows else 0.12))
            conveyor.add_parcel(parcel, x, z, float(rng.normal(0, np.radians(5))))
            x += parcel.width_m / 2 + float(rng.exponential(0.3)) + 0.06
    if rng.random() < 0.25:
        conveyor.add_beam(
            float(rng.uniform(-0.8, 0.6)),
            float(rng.uniform(0.4, 0.6)),
            float(rng.uniform(0.06, 0.16)),
        )
    return conveyor


def _conditions(rng: np.random.Generator, light: Light, rain: float) -> Conditions:
    return Conditions(
        light=light,
        rain=rain,
        fog=float(rng.uniform(0.1, 0.5)) if rng.random() < 0.1 and not light.night else 0.0,
        noise_levels=float(rng.uniform(0.5, 5.0)),
        exposure_s=1 / float(rng.choice([60, 120, 250, 500, 1000])),
        defocus_px=float(rng.choice([0.0, 0.0, 0.5, 0.8, 1.2])),
        jpeg_quality=int(rng.integers(40, 96)),
    )
