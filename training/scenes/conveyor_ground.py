"""What stands still at a conveyor, and the belt that runs through it."""

from __future__ import annotations

import cv2
import numpy as np

from training.scenes.camera import FRAME_HEIGHT_PX, FRAME_WIDTH_PX, Camera, Points
from training.scenes.layer import Colour, FloatImage, Image, Layer
from training.scenes.lettering import sign
from training.scenes.light import Light
from training.scenes.pen import Pen, Placement
from training.scenes.textures import rubber, speckled

BELT_TEXELS_PER_METRE = 400
TILE_LENGTH_M = 4.0
UP = np.array([0.0, 1.0, 0.0])
FRONT = np.array([0.0, 0.0, -1.0])


class Belt:
    """A belt along x, `width_m` wide, its top at y = 0, on a frame with rails above the floor."""

    def __init__(
        self, rng: np.random.Generator, camera: Camera, light: Light, width_m: float
    ) -> None:
        self._camera, self.width_m = camera, width_m
        length = int(TILE_LENGTH_M * BELT_TEXELS_PER_METRE)
        across = int(width_m * BELT_TEXELS_PER_METRE)
        factors = light.factors(UP, 1e6).astype(np.float32)
        self.on_rollers = bool(rng.random() < 0.3)
        self._tile = (
            _rollers(length, across) if self.on_rollers else rubber(rng, length, across)
        ) * factors
        origin = np.array([0.0, 0.0, width_m / 2])
        scale = np.diag([1 / BELT_TEXELS_PER_METRE, 1 / BELT_TEXELS_PER_METRE, 1.0])
        plane = camera.ground_homography(origin, np.array([1.0, 0, 0]), np.array([0, 0, -1.0]))
        self._to_px = plane @ scale
        self._still = _surroundings(rng, camera, light, width_m)
        outline = np.array([(x, 0.0, z) for x, z in ((-9, 1), (9, 1), (9, -1), (-9, -1))])
        outline[:, 2] *= width_m / 2
        mask = np.zeros((FRAME_HEIGHT_PX, FRAME_WIDTH_PX), np.float32)
        corners = np.clip(camera.project_polygon(outline), -9000, 9000)
        cv2.fillConvexPoly(mask, np.round(corners * 16).astype(np.int32), 1.0, cv2.LINE_AA, 4)
        self._mask = np.minimum(mask, 1.0)[..., None]
        self._rails = _rails(camera, light, width_m)

    def picture(self, run_m: float) -> FloatImage:
        """Return a new picture (480, 640, 3) with the belt moved on by `run_m` along x."""
        # Rollers turn in their place.
        run_m = 0.0 if self.on_rollers else run_m
        # Half a tile on, the tile's seam is out of sight when the belt starts.
        shift_px = (run_m + TILE_LENGTH_M / 2) % TILE_LENGTH_M * BELT_TEXELS_PER_METRE
        start = np.array([[1, 0, shift_px], [0, 1, 0], [0, 0, 1.0]])
        laid = cv2.warpPerspective(
            self._tile,
            self._to_px @ start,
            (FRAME_WIDTH_PX, FRAME_HEIGHT_PX),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )
        frame = self._still * (1 - self._mask) + laid * self._mask
        colour, cover = self._rails
        return np.asarray(frame * (1 - cover) + colour, np.float32)


def _rollers(length: int, across: int) -> FloatImage:
    """Return steel rollers (across, length, 3), ten to a metre, with gaps between them."""
    pitch = BELT_TEXELS_PER_METRE // 10
    phase = (np.arange(length) % pitch) / pitch
    shade = np.where(
        phase < 0.82, 70 + 120 * np.sin(np.clip(phase / 0.82, 0, 1) * np.pi) ** 1.5, 22
    )
    tile = np.repeat(shade[None, :, None], across, axis=0)
    return np.asarray(np.repeat(tile, 3, axis=2), np.float32)


def _surroundings(
    rng: np.random.Generator, camera: Camera, light: Light, width_m: float
) -> FloatImage:
    tone = rng.uniform(105, 175)
    floor = speckled(rng, 700, 1000, (tone * 1.0, tone, tone * rng.uniform(0.92, 1.04)), 7.0, 5.0)
    for x in range(0, 1000, int(rng.integers(180, 400))):
        cv2.line(floor, (x, 0), (x, 700), (tone * 0.7,) * 3, 3)
    if rng.random() < 0.6:
        row = int(rng.integers(60, 260))
        cv2.rectangle(floor, (0, row), (1000, row + 14), (60, 195, 225), -1)
    floor *= light.factors(UP, 1e6).astype(np.float32) * 0.8
    origin = np.array([-6.0, -0.8, 6.0])
    plane = camera.ground_homography(origin, np.array([1.0, 0, 0]), np.array([0, 0, -1.0]))
    frame = cv2.warpPerspective(
        floor,
        plane @ np.diag([12 / 1000, 8 / 700, 1.0]),
        (FRAME_WIDTH_PX, FRAME_HEIGHT_PX),
        borderMode=cv2.BORDER_REPLICATE,
    )
    layer = Layer(np.array([[0.0, 0.0], [FRAME_WIDTH_PX, FRAME_HEIGHT_PX]]))
    pen = Pen(layer, camera, light, Placement((0, 0, 0), 0.0))
    wall = tuple(rng.uniform(90, 190) * rng.uniform(0.94, 1.06, 3))
    pen.face(_board(-9, 3.5, 18, 4.3, 5.5), wall, normal=FRONT)
    pen.face(
        _board(-9, -0.5, 18, 0.3, 5.49), tuple(0.5 * channel for channel in wall), normal=FRONT
    )
    for post_x in np.arange(-6, 6, rng.uniform(1.5, 3.5)):
        pen.face(
            _board(float(post_x), 3.5, 0.22, 4.3, 5.4), tuple(0.72 * c for c in wall), normal=FRONT
        )
    for _ in range(rng.integers(0, 4)):
        _cabinet(
            rng, pen, float(rng.uniform(-2.6, 2.2)), width_m / 2 + float(rng.uniform(0.45, 2.0))
        )
    return _over(np.asarray(frame, np.float32), layer)


def _cabinet(rng: np.random.Generator, pen: Pen, x: float, z: float) -> None:
    """Draw a machine's housing with blank plates, a screen or a sign: no parcel, no label."""
    wide, high = float(rng.uniform(0.3, 0.9)), float(rng.uniform(0.1, 0.8))
    colour: Colour = ((150, 140, 90), (60, 130, 200), (150, 150, 150), (80, 80, 85))[
        rng.integers(4)
    ]
    deep = 0.35
    pen.face(
        np.array(
            [[x, high, z], [x + wide, high, z], [x + wide, high, z + deep], [x, high, z + deep]]
        ),
        colour,
        normal=UP,
    )
    pen.face(_board(x, high, wide, high + 0.8, z), colour, normal=FRONT)
    size = (min(0.3, wide * 0.7), 0.12)
    at = _board(x + 0.1 * wide, high - 0.04, size[0], size[1], z - 0.005)
    kind = rng.integers(3)
    if kind == 0:
        pen.face(at, (205, 208, 210), normal=FRONT)
    elif kind == 1:
        pen.picture(
            at, sign(rng, ("LINE 4", "DANGER", "STOP")[rng.integers(3)], (60, 60, 190)), FRONT
        )
    else:
        screen: Image = np.full((24, 60, 3), (90, 70, 40), np.uint8)
        screen[4:20:4, 6:40] = (170, 200, 150)
        pen.picture(at, screen, FRONT)


def _rails(camera: Camera, light: Light, width_m: float) -> tuple[FloatImage, FloatImage]:
    """Return the side rails' premultiplied colour (480, 640, 3) and cover (480, 640, 1)."""
    layer = Layer(np.array([[0.0, 0.0], [FRAME_WIDTH_PX, FRAME_HEIGHT_PX]]))
    pen = Pen(layer, camera, light, Placement((0, 0, 0), 0.0))
    half = width_m / 2
    far = np.array([(-9, 0.05, half), (9, 0.05, half), (9, 0.0, half), (-9, 0.0, half)])
    pen.face(far, (120, 122, 124), normal=FRONT)
    for near, wide in ((half, 0.07), (-half - 0.07, 0.07)):
        for share, tone in ((0.0, 150), (0.3, 205), (0.5, 175), (0.75, 130)):
            z = near + wide * share
            top = np.array(
                [(-9, 0.05, z), (9, 0.05, z), (9, 0.05, near + wide), (-9, 0.05, near + wide)]
            )
            pen.face(top, (tone * 1.02, tone, tone * 0.98), normal=UP)
    front = -half - 0.07
    pen.face(_board(-9, 0.05, 18, 0.17, front), (118, 108, 96), normal=FRONT)
    for x in np.arange(-3, 3, 0.25):
        pen.face(_board(float(x), -0.02, 0.022, 0.022, front - 0.002), (60, 60, 62), normal=FRONT)
    for x in (-1.6, 0.7, 3.0):
        pen.face(_board(x, -0.12, 0.1, 0.7, front + 0.02), (96, 92, 88), normal=FRONT)
    colour, cover = layer.resolve()
    inner = np.s_[-layer.y0 : FRAME_HEIGHT_PX - layer.y0, -layer.x0 : FRAME_WIDTH_PX - layer.x0]
    return colour[inner], cover[inner][..., None]


def _over(frame: FloatImage, layer: Layer) -> FloatImage:
    colour, cover = layer.resolve()
    inner = np.s_[-layer.y0 : FRAME_HEIGHT_PX - layer.y0, -layer.x0 : FRAME_WIDTH_PX - layer.x0]
    return np.asarray(frame * (1 - cover[inner][..., None]) + colour[inner], np.float32)


def _board(left: float, top: float, width: float, height: float, z: float) -> Points:
    return np.array(
        [
            [left, top, z],
            [left + width, top, z],
            [left + width, top - height, z],
            [left, top - height, z],
        ]
    )
