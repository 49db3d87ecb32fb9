"""What stands between the scene and the picture: rain, fog, lens, sensor, compression."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from training.scenes.layer import FloatImage, Image
from training.scenes.light import Light


@dataclass(frozen=True)
class Conditions:
    """Light and picture quality of a scene.

    `rain` and `fog` are shares in 0..1, `noise_levels` is the sensor noise in grey levels,
    `exposure_s` the time a frame is exposed, `defocus_px` the spread of the lens.
    """

    light: Light
    rain: float = 0.0
    fog: float = 0.0
    noise_levels: float = 2.0
    exposure_s: float = 1 / 250
    defocus_px: float = 0.0
    jpeg_quality: int | None = None


def finish(frame: FloatImage, conditions: Conditions, rng: np.random.Generator) -> Image:
    """Return what the camera delivers of `frame` (H, W, 3), values 0..255."""
    if conditions.fog:
        veil = np.asarray(conditions.light.sky, np.float32) * conditions.light.ambient[1]
        depth = np.linspace(1.0, 0.35, frame.shape[0], dtype=np.float32)[:, None, None]
        frame = frame * (1 - conditions.fog * depth) + veil * (conditions.fog * depth)
    if conditions.rain:
        frame = _with_rain(frame, conditions, rng)
    if conditions.defocus_px > 0.2:
        frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), conditions.defocus_px), np.float32)
    frame = frame * _vignette(frame.shape[0], frame.shape[1])
    if conditions.noise_levels:
        noise = np.empty(frame.shape[:2], np.float32)
        noise[:] = rng.standard_normal(frame.shape[:2], dtype=np.float32)
        frame = frame + (conditions.noise_levels * noise)[..., None]
    image: Image = np.clip(frame, 0, 255).astype(np.uint8)
    if conditions.jpeg_quality is not None:
        _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, conditions.jpeg_quality])
        image = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return image


def _with_rain(frame: FloatImage, conditions: Conditions, rng: np.random.Generator) -> FloatImage:
    height, width = frame.shape[:2]
    streaks = np.zeros((height, width), np.float32)
    slant = rng.normal(0.08, 0.02)
    for _ in range(int(240 * conditions.rain)):
        x, y = rng.uniform(-20, width + 20), rng.uniform(-40, height)
        length = rng.uniform(10, 34)
        end = (int(x + slant * length), int(y + length))
        cv2.line(streaks, (int(x), int(y)), end, float(rng.uniform(0.05, 0.16)), 1, cv2.LINE_AA)
    share = np.asarray(cv2.GaussianBlur(streaks, (3, 3), 0))[..., None]
    bright = 165.0 if not conditions.light.night else 120.0
    return np.asarray(frame * (1 - share) + bright * share, np.float32)


def _vignette(height: int, width: int) -> FloatImage:
    rows = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    return np.asarray(1 - 0.10 * (rows**2 + columns**2)[..., None], np.float32)
