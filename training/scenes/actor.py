"""What moves or stands in a scene, how it is drawn and what truth it carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from training.scenes.camera import Camera, Points
from training.scenes.layer import FloatImage, Layer
from training.scenes.lettering import Lettered
from training.scenes.light import Light
from training.scenes.pen import Placement


@dataclass(frozen=True)
class Region:
    """A truth to be: the outline (N, 2) of the whole object in pixels, also outside the frame.

    For a text, `quad` is the outline's four corners as read, and `lettered` the picture on it.
    """

    label: str
    track_id: int
    outline: Points
    lettered: Lettered | None = None


@dataclass
class Actor:
    """One thing of a scene; its functions of time take seconds.

    `place` says where it stands (None: not in the scene then), `anchor` is the own point whose
    motion blurs it, `paint` draws it, `shadow` darkens the ground, `glow` adds light before it.
    """

    place: Callable[[float], Placement | None]
    hull: Points
    paint: Callable[[Layer, Placement], None]
    regions: Callable[[Placement], list[Region]] = field(default=lambda place: [])
    shadow: Callable[[FloatImage, Placement], None] = field(default=lambda frame, place: None)
    glow: Callable[[FloatImage, Placement], None] = field(default=lambda frame, place: None)
    anchor: Points = field(default_factory=lambda: np.zeros(3))


def cast_shadow(
    frame: FloatImage,
    camera: Camera,
    light: Light,
    hull: Points,
    place: Placement,
    softness_m: float,
) -> None:
    """Darken the ground (y = the place's own) where `hull` keeps the sun, or just the sky, away."""
    world = place.to_world(hull)
    ground = place.position[1]
    base = world.copy()
    base[:, 1] = ground
    _darken(frame, camera, base, 0.62, softness_m)
    if light.has_shadows:
        sun = np.asarray(light.towards_sun)
        reach = np.minimum((world[:, 1] - ground) / max(sun[1], 0.35), 4.0)[:, None]
        fallen = world - sun * reach
        fallen[:, 1] = ground
        _darken(frame, camera, np.concatenate([base, fallen]), 0.5, softness_m * 0.3)


def add_glare(frame: FloatImage, at: Points, radius_px: float, colour: Points) -> None:
    """Add a lamp's halo around the pixel `at`."""
    reach = int(min(radius_px * 3, 200))
    x, y = int(at[0]), int(at[1])
    left, top = max(x - reach, 0), max(y - reach, 0)
    right, bottom = min(x + reach + 1, frame.shape[1]), min(y + reach + 1, frame.shape[0])
    if right <= left or bottom <= top or reach < 1:
        return
    rows, columns = np.ogrid[top:bottom, left:right]
    distance = np.sqrt((columns - at[0]) ** 2 + (rows - at[1]) ** 2) / radius_px
    halo = 0.75 * np.exp(-((distance / 0.55) ** 2)) + 0.25 * np.exp(-distance * 1.6)
    halo *= np.clip((3.0 - distance) / 1.5, 0, 1)
    frame[top:bottom, left:right] += halo[..., None].astype(np.float32) * colour.astype(np.float32)


def _darken(
    frame: FloatImage, camera: Camera, points: Points, strength: float, softness_m: float
) -> None:
    hull = cv2.convexHull(points[:, [0, 2]].astype(np.float32))[:, 0]
    flat = np.stack([hull[:, 0], np.full(len(hull), points[0, 1]), hull[:, 1]], axis=1)
    pixels = camera.project_polygon(flat.astype(np.float64))
    if len(pixels) < 3:
        return
    depth = max(1.0, camera.depth_m(flat.mean(axis=0)))
    sigma = float(np.clip(softness_m * camera.focal_px / depth, 0.8, 24)) / 2
    # Shadows are soft, so half the frame's size is enough, and four times as fast.
    size = np.array([frame.shape[1] // 2, frame.shape[0] // 2])
    # The blur reaches four sigma; twice that keeps the window's border dark.
    reach = int(np.ceil(8 * sigma)) + 2
    low = np.maximum(np.floor(pixels.min(axis=0) / 2).astype(int) - reach, 0)
    high = np.minimum(np.ceil(pixels.max(axis=0) / 2).astype(int) + reach, size)
    if np.any(high <= low):
        return
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.float32)
    corners = np.clip(pixels / 2, -4000, 4000).astype(np.int32) - low.astype(np.int32)
    cv2.fillConvexPoly(mask, corners, strength, cv2.LINE_AA)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), np.float32)
    full = (2 * mask.shape[1], 2 * mask.shape[0])
    shade = cv2.resize(mask, full, interpolation=cv2.INTER_LINEAR)
    frame[2 * low[1] : 2 * high[1], 2 * low[0] : 2 * high[0]] *= 1 - shade[..., None]
