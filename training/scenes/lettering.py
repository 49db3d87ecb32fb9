"""Plates and labels: the texts on them and the pictures of them.

Texts are upper-case letters, one hyphen and digits, and are printed exactly as the truth spells
them. Where typefaces make a letter look like a digit (B and 8, D or O or Q and 0, G and 6, I and 1,
S and 5, Z and 2), the letter is never used, and neither are 0 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from training.scenes.layer import Image

LETTERS = "ACEFHJKLMNPRTUVWXY"
DIGITS = "23456789"
LABEL_PREFIXES = ("PKT", "CRT", "PAL", "EXP", "REF", "FRX")

TEXELS_PER_METRE = 1000
FONT_FOLDER = Path(__file__).parent.parent / "fonts"
FONT_FILES = ("DejaVuSansMono-Bold.ttf", "DejaVuSansCondensed-Bold.ttf")


@dataclass(frozen=True)
class Lettered:
    """A picture with one line of text; `cap_box` is the text's left, top, right, bottom in 0..1."""

    text: str
    image: Image
    width_m: float
    height_m: float
    cap_box: tuple[float, float, float, float]


def plate_text(rng: np.random.Generator) -> str:
    """Return a licence number such as `KX-487`."""
    return _pick(rng, LETTERS, 2) + "-" + _pick(rng, DIGITS, 3)


def label_text(rng: np.random.Generator) -> str:
    """Return a parcel code such as `PKG-4873`."""
    return LABEL_PREFIXES[rng.integers(len(LABEL_PREFIXES))] + "-" + _pick(rng, DIGITS, 4)


def plate(rng: np.random.Generator) -> Lettered:
    """Return a licence plate, 0.64 m wide so that it reads at this frame size."""
    width_m, height_m = 0.64, 0.16
    ground = ((236, 238, 238), (60, 200, 240), (225, 232, 228))[rng.integers(3)]
    picture = _blank(width_m, height_m, ground)
    height, width = picture.shape[:2]
    band = rng.random() < 0.5
    left = 0.095 if band else 0.05
    if band:
        picture[:, : int(0.07 * width)] = (150, 70, 20)
    border = 5
    for edge in (np.s_[:border], np.s_[-border:], np.s_[:, :border], np.s_[:, -border:]):
        picture[edge] = (40, 40, 40)
    box = (left * width, 0.20 * height, 0.96 * width, 0.80 * height)
    return _lettered(plate_text(rng), picture, box, _font(rng), (25, 22, 22))


def label(rng: np.random.Generator, width_m: float) -> Lettered:
    """Return a printed parcel label `width_m` wide."""
    height_m = width_m * rng.uniform(0.25, 0.3)
    shade = int(rng.integers(225, 250))
    tint = ((shade, shade, shade), (shade - 25, shade - 4, shade), (shade, shade - 3, shade - 8))
    picture = _blank(width_m, height_m, tint[rng.integers(3)])
    height, width = picture.shape[:2]
    box = (0.055 * width, 0.2 * height, 0.945 * width, 0.8 * height)
    return _lettered(label_text(rng), picture, box, _font(rng), (28, 26, 24))


def sign(rng: np.random.Generator, text: str, ground: tuple[int, int, int]) -> Image:
    """Return a sign (H, W, 3) whose writing is no plate and no label."""
    picture = _blank(0.5, 0.2, ground)
    ink = (245, 245, 245) if sum(ground) < 380 else (30, 30, 30)
    box = (0.1 * 500, 0.2 * 200, 0.9 * 500, 0.8 * 200)
    return _lettered(text, picture, box, _font(rng), ink).image


def _pick(rng: np.random.Generator, alphabet: str, count: int) -> str:
    return "".join(alphabet[index] for index in rng.integers(len(alphabet), size=count))


def _blank(width_m: float, height_m: float, colour: tuple[int, int, int]) -> Image:
    size = (round(height_m * TEXELS_PER_METRE), round(width_m * TEXELS_PER_METRE), 3)
    return np.full(size, colour, np.uint8)


def _font(rng: np.random.Generator) -> str:
    return FONT_FILES[rng.integers(len(FONT_FILES))]


@cache
def _load_font(file_name: str, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT_FOLDER / file_name), size_px)


def _lettered(
    text: str,
    picture: Image,
    box: tuple[float, float, float, float],
    font_file: str,
    ink: tuple[int, int, int],
) -> Lettered:
    """Write `text` as large as `box` (left, top, right, bottom in texels) allows, centred in it."""
    probe = _load_font(font_file, 100).getbbox(text)
    scale = min(
        (box[2] - box[0]) / (probe[2] - probe[0]), (box[3] - box[1]) / (probe[3] - probe[1])
    )
    font = _load_font(font_file, int(100 * scale))
    left, top, right, bottom = font.getbbox(text)
    x = (box[0] + box[2] - (right - left)) / 2
    y = (box[1] + box[3] - (bottom - top)) / 2
    canvas = PillowImage.fromarray(picture)
    ImageDraw.Draw(canvas).text((x - left, y - top), text, fill=ink, font=font)
    height, width = picture.shape[:2]
    cap_box = (x / width, y / height, (x + right - left) / width, (y + bottom - top) / height)
    size_m = (width / TEXELS_PER_METRE, height / TEXELS_PER_METRE)
    return Lettered(text, np.asarray(canvas), size_m[0], size_m[1], cap_box)
