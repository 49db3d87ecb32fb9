"""Pictures for a vehicle's faces: its front, its back and its windows."""

from __future__ import annotations

import cv2
import numpy as np

from training.scenes.layer import Colour, Image


def front_image(rng: np.random.Generator, paint: Colour) -> Image:
    """Return a car's face (H, W, 3): bonnet edge, lamps, grille, bumper, lower intake."""
    image = np.full((180, 480, 3), paint, np.float32)
    image *= np.linspace(1.12, 0.72, 180)[:, None, None].astype(np.float32)
    face: Image = np.clip(image, 0, 255).astype(np.uint8)
    low, slant = int(rng.integers(66, 84)), int(rng.integers(0, 14))
    grille = np.array([[150, 28], [330, 28], [318, low], [162, low]])
    cv2.fillPoly(face, [grille], (24, 24, 25))
    for y in range(34, low, int(rng.integers(8, 14))):
        cv2.line(face, (156, y), (324, y), (92, 92, 95), 2)
    cv2.circle(face, (240, 46), 11, (190, 190, 190), -1, cv2.LINE_AA)
    for mirror in (False, True):
        lamp = np.array([[14, 24 + slant], [128, 34], [118, 66], [30, 62]])
        pupil = (78, 48)
        if mirror:
            lamp = lamp * (-1, 1) + (480, 0)
            pupil = (402, 48)
        cv2.fillPoly(face, [lamp], (196, 194, 188), cv2.LINE_AA)
        cv2.polylines(face, [lamp], True, (50, 50, 52), 3, cv2.LINE_AA)
        cv2.circle(face, pupil, 13, (240, 240, 236), -1, cv2.LINE_AA)
        cv2.circle(face, pupil, 13, (120, 120, 120), 2, cv2.LINE_AA)
    cv2.line(face, (0, 92), (480, 92), (40, 40, 40), 2)
    cv2.fillPoly(face, [np.array([[60, 142], [420, 142], [400, 176], [80, 176]])], (26, 26, 27))
    return face


def rear_image(rng: np.random.Generator, paint: Colour) -> Image:
    """Return a car's back (H, W, 3): tail lamps, boot lid, bumper."""
    image = np.full((180, 480, 3), paint, np.float32)
    image *= np.linspace(1.1, 0.7, 180)[:, None, None].astype(np.float32)
    face: Image = np.clip(image, 0, 255).astype(np.uint8)
    wide = int(rng.integers(60, 110))
    for left in (8, 472 - wide):
        cv2.rectangle(face, (left, 18), (left + wide, 62), (32, 26, 150), -1)
        cv2.rectangle(face, (left + wide // 3, 44), (left + 2 * wide // 3, 58), (200, 200, 215), -1)
        cv2.rectangle(face, (left, 18), (left + wide, 62), (30, 20, 60), 2)
    cv2.line(face, (0, 112), (480, 112), (35, 35, 35), 3)
    cv2.rectangle(face, (40, 150), (440, 180), (32, 32, 33), -1)
    return face


def glass_image(rng: np.random.Generator) -> Image:
    """Return a window (H, W, 3): sky above, the dark inside with seats below, a slanting gleam."""
    ramp = np.linspace(1.0, 0.25, 160)[:, None, None]
    pane = np.broadcast_to(ramp * (118, 108, 98), (160, 320, 3)).astype(np.uint8).copy()
    for x in (90, 230):
        cv2.ellipse(pane, (x, 130), (34, 44), 0, 180, 360, (24, 23, 23), -1, cv2.LINE_AA)
        cv2.ellipse(pane, (x, 84), (17, 20), 0, 0, 360, (24, 23, 23), -1, cv2.LINE_AA)
    gleam = pane.copy()
    start = int(rng.integers(-25, 225))
    corners = np.array([[start, 160], [start + 85, 0], [start + 150, 0], [start + 65, 160]])
    cv2.fillPoly(gleam, [corners], (190, 182, 172), cv2.LINE_AA)
    gleam = np.asarray(cv2.GaussianBlur(gleam, (0, 0), 2.0))
    return np.asarray(cv2.addWeighted(gleam, 0.3, pane, 0.7, 0), np.uint8)
