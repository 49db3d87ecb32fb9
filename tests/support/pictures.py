"""Images that tests make for themselves."""

import cv2
import numpy as np


def make_image(seed=0, width=64, height=48):
    """A blurred random image: it has the detail of a picture and compresses like one."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 2)
