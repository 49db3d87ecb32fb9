"""Which pictures the sample video `photographs` shows, what is on them, and the camera's way.

Where the pictures come from, and under which licences, stands in `pictures/README.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np

FOLDER = Path(__file__).parent / "pictures"


@dataclass(frozen=True)
class Thing:
    """An object on a picture: COCO's name of it and its box in pixels, drawn by hand."""

    label: str
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class View:
    """What the camera sees of a picture: the centre and the width of a 4:3 window, in pixels."""

    x: float
    y: float
    width: float


@dataclass(frozen=True)
class Picture:
    """A picture, what is on it, and the views between which the camera moves."""

    file: str
    things: tuple[Thing, ...]
    views: tuple[View, ...]

    @cached_property
    def image(self) -> np.ndarray[Any, Any]:
        """The pixels, HxWx3 uint8, BGR."""
        image = cv2.imread(str(FOLDER / self.file), cv2.IMREAD_COLOR)
        if image is None:
            raise FileNotFoundError(FOLDER / self.file)
        return image


PICTURES = (
    Picture(
        "astronaut.jpg",
        (Thing("person", 22, 15, 362, 512),),
        (View(256, 256, 700), View(220, 215, 440)),
    ),
    Picture(
        "coffee.jpg",
        (
            Thing("cup", 172, 18, 408, 311),
            Thing("spoon", 325, 66, 424, 326),
            Thing("dining table", 0, 0, 600, 400),
        ),
        (View(300, 200, 640), View(300, 195, 470)),
    ),
    Picture(
        "grace_hopper.jpg",
        (Thing("person", 12, 23, 512, 600),),
        (View(256, 300, 840), View(250, 215, 480)),
    ),
    Picture(
        "chelsea.jpg",
        (Thing("cat", 0, 0, 400, 300),),
        (View(240, 150, 520), View(215, 150, 400)),
    ),
    Picture(
        "camera.jpg",
        (Thing("person", 0, 64, 332, 512),),
        (View(210, 240, 420), View(256, 256, 720)),
    ),
)
