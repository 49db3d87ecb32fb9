"""Rotated boxes as their four corners."""

import numpy as np

from streamlab.models.network import Array


def corners_of(boxes: Array, angles: Array) -> Array:
    """Return the corners (N, 4, 2) of boxes (N, 4: centre, size) turned by angles in radians."""
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    half_width, half_height = boxes[:, 2:3] / 2, boxes[:, 3:4] / 2
    along = np.concatenate([half_width * cos, half_width * sin], axis=1)
    across = np.concatenate([-half_height * sin, half_height * cos], axis=1)
    centre = boxes[:, :2]
    corners = [
        centre - along - across,
        centre + along - across,
        centre + along + across,
        centre - along + across,
    ]
    return np.stack(corners, axis=1)
