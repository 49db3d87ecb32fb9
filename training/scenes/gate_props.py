"""Things at a gate that may hide a vehicle: the barrier's arm, bollards."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from training.scenes.actor import Actor, cast_shadow
from training.scenes.camera import Camera
from training.scenes.layer import Colour, Layer
from training.scenes.light import Light
from training.scenes.pen import Pen, Placement

STRIPES: tuple[Colour, Colour] = ((225, 228, 230), (40, 36, 190))


def bar_actor(
    camera: Camera,
    light: Light,
    pivot: tuple[float, float, float],
    length_m: float,
    raised: Callable[[float], float],
) -> Actor:
    """Return a striped arm that turns upwards about `pivot`; a negative length points to -x."""

    # The angle travels in the placement's yaw, which is all an actor knows of time.
    def place(time_s: float) -> Placement | None:
        return Placement(pivot, raised(time_s))

    def paint(layer: Layer, at: Placement) -> None:
        pen = Pen(layer, camera, light, Placement(pivot, 0.0))
        along = np.array([np.cos(at.yaw_rad) * np.sign(length_m), np.sin(at.yaw_rad), 0.0])
        across = np.array([-along[1], along[0], 0.0]) * 0.05
        steps = np.linspace(0, abs(length_m), 9)
        for index, (start, end) in enumerate(pairwise(steps)):
            quad = np.stack(
                [
                    along * start + across,
                    along * end + across,
                    along * end - across,
                    along * start - across,
                ]
            )
            pen.face(quad, STRIPES[index % 2], normal=np.array([0.0, 0.2, -0.98]))

    # The arm turns in the plane z = 0 of its pivot, whatever the placement's yaw does to the hull.
    reach = abs(length_m)
    corners = [(x, y, z) for x in (-reach, reach) for y in (-0.1, reach) for z in (-0.02, 0.02)]
    return Actor(place=place, hull=np.asarray(corners), paint=paint)


def post_actor(
    camera: Camera, light: Light, x_m: float, z_m: float, height_m: float, radius_m: float
) -> Actor:
    """Return an upright post with a light band."""
    at = Placement((x_m, 0.0, z_m), 0.0)
    angles = np.arange(12) * 2 * np.pi / 12
    ring = np.stack([radius_m * np.cos(angles), np.zeros(12), radius_m * np.sin(angles)], axis=1)
    hull = np.concatenate([ring, ring + np.array([0, height_m, 0])])

    def paint(layer: Layer, place: Placement) -> None:
        pen = Pen(layer, camera, light, place)
        paint_post(pen, height_m, radius_m)

    return Actor(
        place=lambda time_s: at,
        hull=hull,
        paint=paint,
        shadow=lambda frame, place: cast_shadow(frame, camera, light, hull, place, 0.1),
    )


def paint_post(pen: Pen, height_m: float, radius_m: float) -> None:
    """Draw a round post as upright strips, with a light band near its top."""
    edges = np.linspace(-1, 1, 8)
    for left, right in pairwise(edges):
        tone = 40 + 60 * (1 - abs(left + right + 0.6) / 2)
        for low, high, gain in ((0.0, 0.72, 1.0), (0.72, 0.86, 2.2), (0.86, 1.0, 1.0)):
            x0, x1 = left * radius_m, right * radius_m
            y0, y1 = low * height_m, high * height_m
            quad = np.array([[x0, y1, 0], [x1, y1, 0], [x1, y0, 0], [x0, y0, 0]])
            pen.face(quad, (tone * gain,) * 3, normal=np.array([0.0, 0.0, -1.0]))
