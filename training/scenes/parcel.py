"""Parcels: cardboard boxes and mailers with tape, stickers and one printed label."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from training.scenes.camera import Camera, Points
from training.scenes.layer import Colour, Image, Layer
from training.scenes.lettering import Lettered, label
from training.scenes.light import Light
from training.scenes.pen import Pen, Placement
from training.scenes.textures import cardboard

BOARDS: tuple[Colour, ...] = (
    (95, 140, 178),
    (80, 122, 160),
    (110, 152, 186),
    (70, 108, 145),
    (205, 212, 215),
    (150, 155, 158),
    (120, 88, 60),
    (60, 62, 66),
)
BOARD_SHARES = (0.24, 0.22, 0.18, 0.12, 0.1, 0.06, 0.04, 0.04)
FACE_TEXELS_PER_METRE = 500


@dataclass(frozen=True)
class _Face:
    quad: Points
    normal: Points
    image: Image


class Parcel:
    """A parcel's looks; its own axes: x to the right, y up, z away, from its middle on the belt."""

    def __init__(
        self, rng: np.random.Generator, label_on_front: bool = False, labelled: bool = True
    ) -> None:
        self.width_m = float(rng.uniform(0.42, 0.60))
        self.depth_m = float(rng.uniform(0.26, 0.42))
        self.height_m = float(rng.uniform(0.08, 0.34))
        if label_on_front:
            self.height_m = max(self.height_m, 0.17)
        self._colour = BOARDS[rng.choice(len(BOARDS), p=BOARD_SHARES)]
        self._tape: Colour = ((150, 185, 205), (90, 130, 165), (215, 220, 222))[rng.integers(3)]
        self._faces = self._make_faces(rng)
        self.label: Lettered | None = None
        self.on_front = label_on_front
        if labelled:
            self.label = label(rng, float(min(rng.uniform(0.32, 0.40), 0.92 * self.width_m)))
            self._label_at = self._place_label(rng)

    def outline(self) -> Points:
        """Return the eight corners (8, 3)."""
        x, z = self.width_m / 2, self.depth_m / 2
        return np.array([(i, y, k) for i in (-x, x) for y in (0.0, self.height_m) for k in (-z, z)])

    def label_quad(self) -> Points:
        """Return the label's corners (4, 3) as read."""
        assert self.label is not None
        x, across = self._label_at
        half = self.label.width_m / 2
        rise = self.label.height_m / 2
        if self.on_front:
            z = -self.depth_m / 2 - 0.002
            return np.array(
                [
                    [x - half, across + rise, z],
                    [x + half, across + rise, z],
                    [x + half, across - rise, z],
                    [x - half, across - rise, z],
                ]
            )
        y = self.height_m + 0.002
        return np.array(
            [
                [x - half, y, across + rise],
                [x + half, y, across + rise],
                [x + half, y, across - rise],
                [x - half, y, across - rise],
            ]
        )

    def paint_on(self, layer: Layer, camera: Camera, light: Light, place: Placement) -> None:
        """Draw the faces that are seen, then the label."""
        pen = Pen(layer, camera, light, place)
        for face in self._faces:
            if pen.sees(face.quad.mean(axis=0), face.normal):
                pen.picture(face.quad, face.image, face.normal)
        if self.label is not None:
            normal = np.array([0.0, 0.0, -1.0]) if self.on_front else np.array([0.0, 1.0, 0.0])
            pen.picture(self.label_quad(), self.label.image, normal)

    def _place_label(self, rng: np.random.Generator) -> tuple[float, float]:
        assert self.label is not None
        slack_x = max(0.0, (self.width_m - self.label.width_m) / 2 - 0.015)
        extent = self.height_m if self.on_front else self.depth_m
        slack = max(0.0, (extent - self.label.height_m) / 2 - 0.015)
        x, across = float(rng.uniform(-slack_x, slack_x)), float(rng.uniform(-slack, slack))
        return x, across + (self.height_m / 2 if self.on_front else 0.0)

    def _make_faces(self, rng: np.random.Generator) -> list[_Face]:
        x, y, z = self.width_m / 2, self.height_m, self.depth_m / 2
        quads = {
            (1, 0, 0): [(x, y, -z), (x, y, z), (x, 0, z), (x, 0, -z)],
            (-1, 0, 0): [(-x, y, z), (-x, y, -z), (-x, 0, -z), (-x, 0, z)],
            (0, 0, 1): [(x, y, z), (-x, y, z), (-x, 0, z), (x, 0, z)],
            (0, 0, -1): [(-x, y, -z), (x, y, -z), (x, 0, -z), (-x, 0, -z)],
            (0, 1, 0): [(-x, y, z), (x, y, z), (x, y, -z), (-x, y, -z)],
        }
        faces = []
        for normal, corners in quads.items():
            quad = np.asarray(corners)
            width = int(np.linalg.norm(quad[1] - quad[0]) * FACE_TEXELS_PER_METRE)
            height = int(np.linalg.norm(quad[3] - quad[0]) * FACE_TEXELS_PER_METRE)
            image = cardboard(rng, self._colour, height, width)
            self._decorate(rng, image, top=normal[1] == 1)
            faces.append(_Face(quad, np.asarray(normal, np.float64), image))
        return faces

    def _decorate(self, rng: np.random.Generator, face: Image, top: bool) -> None:
        """Put tape, stickers and print on a face: what looks like a label and is none."""
        height, width = face.shape[:2]
        if top or rng.random() < 0.3:
            middle, half = int(height * rng.uniform(0.42, 0.58)), 12
            band = np.s_[middle - half : middle + half] if top else np.s_[: 2 * half]
            face[band] = (0.35 * face[band] + 0.65 * np.asarray(self._tape)).astype(np.uint8)
            if top:
                cv2.line(face, (0, middle), (width, middle), tuple(0.6 * c for c in self._tape), 1)
        if rng.random() < 0.55:
            _barcode(rng, face)
        if rng.random() < 0.35:
            _care_sign(rng, face)
        if rng.random() < 0.15:
            left, upper = (
                int(rng.integers(0, width // 2)),
                int(rng.integers(0, max(1, height // 2))),
            )
            size = (int(rng.integers(24, 70)), int(rng.integers(14, 34)))
            colour = ((70, 215, 240), (190, 140, 80), (90, 190, 110))[rng.integers(3)]
            cv2.rectangle(face, (left, upper), (left + size[0], upper + size[1]), colour, -1)


def _barcode(rng: np.random.Generator, face: Image) -> None:
    height, width = face.shape[:2]
    wide, high = int(rng.integers(46, 80)), int(rng.integers(20, 36))
    if width < wide + 8 or height < high + 8:
        return
    left, top = int(rng.integers(4, width - wide - 3)), int(rng.integers(4, height - high - 3))
    face[top : top + high, left : left + wide] = (228, 230, 230)
    bars = np.repeat(rng.random(wide) < 0.5, 2)[: wide - 10]
    face[top + 4 : top + high - 4, left + 5 : left + wide - 5][:, bars] = (35, 35, 35)


def _care_sign(rng: np.random.Generator, face: Image) -> None:
    height, width = face.shape[:2]
    size = 40
    if width < size + 8 or height < size + 8:
        return
    left, top = int(rng.integers(4, width - size - 3)), int(rng.integers(4, height - size - 3))
    red = rng.random() < 0.5
    ink: Colour = (40, 45, 190) if red else (45, 50, 55)
    if red:
        cv2.rectangle(face, (left, top), (left + size, top + size), (225, 225, 228), -1)
    for shift in (6, 22):
        tip = np.array(
            [[left + shift + 6, top + 6], [left + shift, top + 16], [left + shift + 12, top + 16]]
        )
        cv2.fillPoly(face, [tip], ink)
        cv2.rectangle(face, (left + shift + 4, top + 16), (left + shift + 8, top + 30), ink, -1)
    cv2.line(face, (left + 5, top + 34), (left + size - 5, top + 34), ink, 3)
