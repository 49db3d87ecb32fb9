"""The road of a gate: asphalt, markings, kerbs and the light on them."""

from __future__ import annotations

import cv2
import numpy as np

from training.scenes.camera import FRAME_HEIGHT_PX, FRAME_WIDTH_PX, Camera
from training.scenes.layer import FloatImage
from training.scenes.textures import asphalt, grain
from training.scenes.weather import Conditions

TEXELS_PER_METRE = 40
ROAD_X_M = (-14.0, 14.0)
ROAD_Z_M = (0.6, 40.0)


def road_from_above(rng: np.random.Generator, conditions: Conditions) -> FloatImage:
    """Return the lit road from above: columns along x, rows from far to near."""
    width = int((ROAD_X_M[1] - ROAD_X_M[0]) * TEXELS_PER_METRE)
    height = int((ROAD_Z_M[1] - ROAD_Z_M[0]) * TEXELS_PER_METRE)
    road = asphalt(rng, height, width)

    def at(x_m: float, z_m: float) -> tuple[int, int]:
        return (
            int((x_m - ROAD_X_M[0]) * TEXELS_PER_METRE),
            int((ROAD_Z_M[1] - z_m) * TEXELS_PER_METRE),
        )

    paint = np.zeros((height, width), np.float32)
    half = float(rng.uniform(2.6, 3.6))
    for x in (-half, half):
        cv2.rectangle(paint, at(x - 0.06, ROAD_Z_M[1]), at(x + 0.06, ROAD_Z_M[0]), 1.0, -1)
    for z in np.arange(1.0, 40.0, 4.0):
        cv2.rectangle(paint, at(-0.06, z + 2.2), at(0.06, z), 1.0, -1)
    if rng.random() < 0.7:
        stop = float(rng.uniform(3.5, 7.0))
        cv2.rectangle(paint, at(-half, stop + 0.3), at(-0.1, stop), 1.0, -1)
    if rng.random() < 0.5:
        for z in np.arange(2.0, 30.0, 1.2):
            cv2.line(paint, at(half + 0.2, z), at(half + 1.6, z + 1.2), 1.0, 5)
    worn = np.clip(
        0.62 + 0.25 * grain(rng, height, width, 7) + 0.2 * grain(rng, height, width, 40), 0, 0.95
    )
    paint = (paint * worn)[..., None]
    road = road * (1 - paint) + rng.uniform(185, 225) * paint
    kerb = np.array([0.95, 1.0, 1.02], np.float32) * rng.uniform(110, 150)
    wide = float(rng.uniform(1.4, 3.0))
    for low, high in ((ROAD_X_M[0], -half - wide), (half + wide, ROAD_X_M[1])):
        left, right = at(low, 0)[0], at(high, 0)[0]
        flags = kerb + 6 * rng.standard_normal((height, right - left, 1)).astype(np.float32)
        flags[:: TEXELS_PER_METRE // 2] *= 0.8
        flags[:, :: TEXELS_PER_METRE // 2] *= 0.85
        road[:, left:right] = flags
    for x in (-half - wide, half + wide):
        cv2.rectangle(
            road, at(x - 0.08, ROAD_Z_M[1]), at(x + 0.08, ROAD_Z_M[0]), (165, 168, 168), -1
        )
    return np.asarray(road * _ground_light(height, width, conditions), np.float32)


def _ground_light(height: int, width: int, conditions: Conditions) -> FloatImage:
    """Return how the ground is lit, (height, width, 3), with the pool of the camera's lamp."""
    light = conditions.light
    rows = np.linspace(ROAD_Z_M[1], ROAD_Z_M[0], height, dtype=np.float32)[:, None]
    columns = np.linspace(*ROAD_X_M, width, dtype=np.float32)[None, :]
    distance = np.sqrt(rows**2 + (1.6 * columns) ** 2)
    open_sky = light.factors(np.array([0.0, 1.0, 0.0]), 1e6)
    pool = (light.lamp * 0.8 / (0.35 + (distance / 9.0) ** 2))[..., None]
    wet = 0.72 if conditions.rain else 1.0
    return np.asarray((open_sky + pool) * wet, np.float32)


def lay_road(frame: FloatImage, camera: Camera, road: FloatImage) -> None:
    """Lay a road from above on `frame` in perspective, up to where it ends in the distance."""
    scale = np.array([[1 / TEXELS_PER_METRE, 0, 0], [0, 1 / TEXELS_PER_METRE, 0], [0, 0, 1]])
    origin = np.array([ROAD_X_M[0], 0.0, ROAD_Z_M[1]])
    plane = camera.ground_homography(origin, np.array([1.0, 0, 0]), np.array([0, 0, -1.0]))
    size = (FRAME_WIDTH_PX * 2, FRAME_HEIGHT_PX * 2)
    twice = np.diag([2.0, 2.0, 1.0])
    laid = cv2.warpPerspective(
        road, twice @ plane @ scale, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    laid = cv2.resize(laid, (FRAME_WIDTH_PX, FRAME_HEIGHT_PX), interpolation=cv2.INTER_AREA)
    horizon = _below_horizon(camera, ROAD_Z_M[1])
    frame[:] = frame * (1 - horizon) + laid * horizon


def _below_horizon(camera: Camera, z_m: float) -> FloatImage:
    left, right = camera.project(np.array([[-30.0, 0, z_m], [30.0, 0, z_m]]))
    columns = np.arange(FRAME_WIDTH_PX, dtype=np.float32)
    edge = np.interp(columns, [left[0], right[0]], [left[1], right[1]])
    rows = np.arange(FRAME_HEIGHT_PX, dtype=np.float32)[:, None]
    return np.asarray(np.clip(rows - edge[None, :] + 0.5, 0, 1)[..., None], np.float32)
