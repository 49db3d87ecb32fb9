"""Surfaces that fill the background: asphalt, walls, rubber, concrete, cardboard."""

from __future__ import annotations

import cv2
import numpy as np

from training.scenes.layer import Colour, FloatImage, Image


def grain(rng: np.random.Generator, height: int, width: int, cells: int) -> FloatImage:
    """Return smooth noise (height, width) of about unit spread, with blobs `cells` pixels wide."""
    small = rng.standard_normal((max(2, height // cells + 2), max(2, width // cells + 2)))
    resized = cv2.resize(small.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(resized, np.float32)


def speckled(
    rng: np.random.Generator, height: int, width: int, colour: Colour, coarse: float, fine: float
) -> FloatImage:
    """Return `colour` (height, width, 3) with stains of `coarse` and grit of `fine` grey levels."""
    shade = coarse * (grain(rng, height, width, 90) + 0.6 * grain(rng, height, width, 24))
    shade += fine * rng.standard_normal((height, width)).astype(np.float32)
    return np.asarray(np.asarray(colour, np.float32) + shade[..., None], np.float32)


def asphalt(rng: np.random.Generator, height: int, width: int) -> FloatImage:
    """Return a road surface (height, width, 3) with patches, cracks and oil stains."""
    tone = rng.uniform(88, 132)
    road = speckled(rng, height, width, (tone * 1.02, tone, tone * 0.98), 6.0, 9.0)
    for _ in range(rng.integers(1, 5)):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        size = (int(rng.integers(30, 160)), int(rng.integers(60, 300)))
        road[y : y + size[1], x : x + size[0]] *= rng.uniform(0.8, 1.1)
    for _ in range(rng.integers(2, 7)):
        steps = np.cumsum(rng.normal(0, 14, (24, 2)) + rng.normal(0, 9, 2), axis=0)
        line = (steps + rng.uniform(0, 1, 2) * (width, height)).astype(np.int32)
        cv2.polylines(road, [line], False, (tone * 0.55,) * 3, 2, cv2.LINE_AA)
    for _ in range(rng.integers(2, 8)):
        spot = np.zeros((height, width), np.float32)
        at = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.ellipse(
            spot, at, (int(rng.integers(8, 30)), int(rng.integers(12, 60))), 0, 0, 360, 0.35, -1
        )
        road *= 1 - cv2.blur(spot, (25, 25))[..., None]
    return road


def facade(rng: np.random.Generator, lit_windows: bool) -> FloatImage:
    """Return a building's front (300, 1400, 3) with windows, doors and blank boards."""
    tone = rng.uniform(95, 190)
    tint = rng.uniform(0.86, 1.1, 3)
    wall = speckled(rng, 300, 1400, tuple(tone * tint), 5.0, 4.0)
    if rng.random() < 0.5:
        wall[:: int(rng.integers(10, 26))] *= 0.86
    else:
        wall[:, :: int(rng.integers(14, 40))] *= 0.9
    step = int(rng.integers(90, 170))
    size = (int(rng.integers(36, 80)), int(rng.integers(40, 90)))
    for top in (30, 150):
        for left in range(30, 1300, step):
            if rng.random() < 0.2:
                continue
            glow = lit_windows and rng.random() < 0.35
            pane = (150, 215, 250) if glow else tuple(rng.uniform(40, 110, 3))
            cv2.rectangle(wall, (left, top), (left + size[0], top + size[1]), pane, -1)
            cv2.rectangle(wall, (left, top), (left + size[0], top + size[1]), (tone * 0.5,) * 3, 4)
            middle = left + size[0] // 2
            cv2.line(wall, (middle, top), (middle, top + size[1]), (tone * 0.5,) * 3, 3)
    for _ in range(rng.integers(0, 3)):
        left = int(rng.integers(0, 1250))
        cv2.rectangle(wall, (left, 150), (left + 130, 300), tuple(rng.uniform(60, 170, 3)), -1)
        for y in range(160, 300, 14):
            cv2.line(wall, (left, y), (left + 130, y), (70, 70, 70), 2)
    for _ in range(rng.integers(1, 5)):
        left, top = int(rng.integers(0, 1300)), int(rng.integers(90, 240))
        size = (int(rng.integers(25, 75)), int(rng.integers(12, 34)))
        cv2.rectangle(wall, (left, top), (left + size[0], top + size[1]), (225, 228, 230), -1)
    wall[270:] *= np.linspace(1, 0.6, 30)[:, None, None].astype(np.float32)
    return wall


def hedge(rng: np.random.Generator, height: int, width: int) -> tuple[FloatImage, FloatImage]:
    """Return foliage (height, width, 3) and its cover (height, width) with a ragged top."""
    leaves = grain(rng, height, width, 6) * 12 + grain(rng, height, width, 20) * 10
    tone = np.array([48.0, 78.0, 62.0], np.float32) * rng.uniform(0.8, 1.2)
    colour = tone + leaves[..., None] * np.array([0.7, 1.0, 0.8], np.float32)
    ragged = height * (0.35 + 0.09 * grain(rng, 1, width, 40) + 0.05 * grain(rng, 1, width, 9))
    rows = np.arange(height, dtype=np.float32)[:, None]
    return colour, np.clip((rows - ragged) / 2, 0, 1).astype(np.float32)


def rubber(rng: np.random.Generator, length: int, width: int) -> FloatImage:
    """Return a conveyor belt (width, length, 3) with a weave, wear and splices."""
    tone = rng.choice([38.0, 52.0, 70.0])
    tint = ((1.0, 1.0, 1.0), (0.95, 1.35, 1.0), (1.4, 1.15, 0.95))[rng.choice(3, p=(0.7, 0.2, 0.1))]
    belt = speckled(rng, width, length, tuple(tone * np.asarray(tint)), 3.0, 4.0)
    if rng.random() < 0.6:
        weave = (
            np.sin(np.arange(length) * np.pi / 4)[None, :]
            * np.sin(np.arange(width) * np.pi / 4)[:, None]
        )
        belt += (5 * weave[..., None]).astype(np.float32)
    for left in rng.integers(0, length, 3):
        belt[:, left : left + 4] *= 1.35
    for _ in range(12):
        row = int(rng.integers(width))
        left = int(rng.integers(length))
        belt[row : row + 2, left : left + int(rng.integers(60, 400))] += rng.uniform(6, 18)
    return belt


def cardboard(
    rng: np.random.Generator, colour: Colour, height: int = 160, width: int = 200
) -> Image:
    """Return one face of a parcel (height, width, 3): fibres, stains, darker at its edges."""
    face = speckled(rng, height, width, colour, 3.0, 2.0)
    face += 3 * grain(rng, height, width, 3)[:, :1, None]
    rim = np.ones((height, width), np.float32)
    cv2.rectangle(rim, (0, 0), (width - 1, height - 1), 0.72, 3)
    face *= cv2.GaussianBlur(rim, (0, 0), 2.0)[..., None]
    return np.asarray(np.clip(face, 0, 255), np.uint8)
