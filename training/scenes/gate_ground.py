"""What stands still at a gate: sky, buildings, hedge, road with its markings, a booth."""

from __future__ import annotations

import cv2
import numpy as np

from training.scenes.camera import FRAME_HEIGHT_PX, FRAME_WIDTH_PX, Camera, Points
from training.scenes.gate_props import paint_post
from training.scenes.gate_road import lay_road, road_from_above
from training.scenes.layer import FloatImage, Image, Layer
from training.scenes.lettering import sign
from training.scenes.light import Light
from training.scenes.pen import Pen, Placement
from training.scenes.textures import facade, grain, hedge
from training.scenes.weather import Conditions

SIGN_WORDS = ("GATE 3", "STOP", "EXIT", "ENTRY", "SLOW", "P 24H", "NORTH")


def paint_surroundings(
    rng: np.random.Generator,
    camera: Camera,
    conditions: Conditions,
    wall_m: tuple[float, float] = (5.0, 9.0),
) -> FloatImage:
    """Return the empty gate (480, 640, 3), values 0..255, with buildings between `wall_m` high."""
    light = conditions.light
    frame = _sky(rng, light)
    wall_z = float(rng.uniform(31, 39))
    if rng.random() < 0.8:
        _lay_upright(
            frame,
            camera,
            facade(rng, light.night) * _upright_light(light),
            (-24.0, 24.0),
            (0.0, float(rng.uniform(*wall_m))),
            wall_z,
        )
    if rng.random() < 0.7:
        leaves, cover = hedge(rng, 90, 900)
        side = float(rng.uniform(-4, 4))
        _lay_upright(
            frame,
            camera,
            leaves * _upright_light(light),
            (-24.0 + side, 24.0 + side),
            (0.0, float(rng.uniform(1.5, 4.0))),
            wall_z - 1.0,
            cover,
        )
    lay_road(frame, camera, road_from_above(rng, conditions))
    _add_props(rng, frame, camera, light)
    return frame


def _sky(rng: np.random.Generator, light: Light) -> FloatImage:
    top = np.asarray(light.sky) * light.ambient[1] * (0.75, 0.62, 0.5)
    low = np.asarray(light.sky) * min(1.0, light.ambient[1] * 1.35)
    ramp = np.linspace(0, 1, FRAME_HEIGHT_PX, dtype=np.float32)[:, None, None] ** 0.7
    sky = top * (1 - ramp) + low * ramp + np.zeros((1, FRAME_WIDTH_PX, 1), np.float32)
    clouds = grain(rng, FRAME_HEIGHT_PX, FRAME_WIDTH_PX, 110) + 0.5 * grain(
        rng, FRAME_HEIGHT_PX, FRAME_WIDTH_PX, 40
    )
    return np.asarray(sky * (1 + 0.035 * clouds[..., None]), np.float32)


def _upright_light(light: Light) -> FloatImage:
    return np.asarray(light.factors(np.array([0.0, 0.0, -1.0]), 30.0), np.float32)


def _lay_upright(
    frame: FloatImage,
    camera: Camera,
    image: FloatImage,
    x_m: tuple[float, float],
    y_m: tuple[float, float],
    z_m: float,
    cover: FloatImage | None = None,
) -> None:
    quad = np.array(
        [(x_m[0], y_m[1], z_m), (x_m[1], y_m[1], z_m), (x_m[1], y_m[0], z_m), (x_m[0], y_m[0], z_m)]
    )
    pixels = camera.project(quad).astype(np.float32)
    height, width = image.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, pixels)
    if cover is None:
        cover = np.ones((height, width), np.float32)
    size = (FRAME_WIDTH_PX, FRAME_HEIGHT_PX)
    laid = cv2.warpPerspective(
        image, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    share = cv2.warpPerspective(cover, matrix, size, flags=cv2.INTER_LINEAR)[..., None]
    frame[:] = frame * (1 - share) + laid * share


def _add_props(rng: np.random.Generator, frame: FloatImage, camera: Camera, light: Light) -> None:
    """Draw a booth, posts, and signs whose writing is no plate, on `frame`."""
    layer = Layer(np.array([[0.0, 0.0], [FRAME_WIDTH_PX, FRAME_HEIGHT_PX]]))
    side = float(rng.choice([-1.0, 1.0]))
    if rng.random() < 0.6:
        _booth(
            rng,
            Pen(
                layer,
                camera,
                light,
                Placement((side * rng.uniform(4.6, 6.0), 0, rng.uniform(13, 20)), 0.0),
            ),
        )
    for _ in range(rng.integers(0, 6)):
        x, z = float(rng.choice([-1, 1]) * rng.uniform(3.6, 6.0)), float(rng.uniform(8, 24))
        pen = Pen(layer, camera, light, Placement((x, 0, z), 0.0))
        paint_post(pen, float(rng.uniform(0.8, 1.1)), 0.09)
    for _ in range(rng.integers(0, 3)):
        x, z = float(rng.choice([-1, 1]) * rng.uniform(3.4, 6.0)), float(rng.uniform(9, 24))
        pen = Pen(layer, camera, light, Placement((x, 0, z), 0.0))
        paint_post(pen, 2.3, 0.04)
        ground = ((60, 60, 190), (150, 80, 30), (235, 235, 235), (70, 140, 60))[rng.integers(4)]
        words = SIGN_WORDS[rng.integers(len(SIGN_WORDS))]
        pen.picture(
            _board(-0.45, 1.9, 0.9, 0.42, -0.06),
            sign(rng, words, ground),
            np.array([0.0, 0.0, -1.0]),
        )
    colour, cover = layer.resolve()
    inner = np.s_[-layer.y0 : FRAME_HEIGHT_PX - layer.y0, -layer.x0 : FRAME_WIDTH_PX - layer.x0]
    frame[:] = frame * (1 - cover[inner][..., None]) + colour[inner]


def _booth(rng: np.random.Generator, pen: Pen) -> None:
    wide, deep, high = 1.6, 1.6, 2.5
    tone = tuple(rng.uniform(110, 220) * rng.uniform(0.9, 1.1, 3))
    half = wide / 2
    faces = [
        np.array([[x, high, -deep], [x, high, 0], [x, 0, 0], [x, 0, -deep]]) for x in (-half, half)
    ]
    for face in faces:
        if pen.sees(face.mean(axis=0), np.array([np.sign(face[0, 0]), 0, 0])):
            pen.face(face, tone, normal=np.array([np.sign(face[0, 0]), 0.0, 0.0]))
    front = np.array([0.0, 0.0, -1.0])
    pen.face(_board(-half, high, wide, high, -deep), tone, normal=front)
    window: Image = np.full((40, 60, 3), (96, 86, 76), np.uint8)
    cv2.fillPoly(window, [np.array([[10, 40], [30, 0], [42, 0], [22, 40]])], (140, 132, 124))
    pen.picture(_board(-half + 0.2, 2.05, wide - 0.4, 0.85, -deep - 0.01), window, front)
    pen.face(
        _board(-half - 0.15, high + 0.14, wide + 0.3, 0.2, -deep - 0.1), (70, 70, 72), normal=front
    )


def _board(left: float, top: float, width: float, height: float, z: float) -> Points:
    return np.array(
        [
            [left, top, z],
            [left + width, top, z],
            [left + width, top - height, z],
            [left, top - height, z],
        ]
    )
