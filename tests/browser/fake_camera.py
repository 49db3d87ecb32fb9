"""A clip as the browser's camera, each frame marked with its number."""

import numpy as np

from streamlab.media.samples import sample_path
from streamlab.media.video import probe, read_frames

BITS = 10
CELL = 16
"""Side of a bit, pixels: wide enough to be read from a JPEG, and after scaling by a half."""


def write_y4m(path, sample="conveyor_fast", frames=None, marked=True, stride=1):
    """Write each `stride`-th frame of a sample as YUV4MPEG2, which Chromium plays as its camera."""
    import cv2

    video = sample_path(sample)
    info = probe(video)
    with open(path, "wb") as file:
        size = f"W{info.width} H{info.height} F{round(info.fps)}:1"
        file.write(f"YUV4MPEG2 {size} Ip A1:1 C420jpeg\n".encode())
        for number, image in enumerate(read_frames(video)):
            if frames is not None and number >= frames:
                break
            if number % stride:
                continue
            if marked:
                mark(image, number)
            file.write(b"FRAME\n")
            file.write(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420).tobytes())
    return path


def mark(image, number):
    """Paint a frame's number into the lower left corner: black and white cells, and their check."""
    value = number << 1 | parity(number)
    for bit in range(BITS + 1):
        left = bit * CELL
        image[-CELL:, left : left + CELL] = 255 if value >> bit & 1 else 0


def read_mark(image, scale=1.0):
    """Return the number of a frame, from a picture of it; None where it cannot be read."""
    cell = CELL * scale
    middle = image.shape[0] - cell / 2
    value = 0
    for bit in range(BITS + 1):
        x, y = round((bit + 0.5) * cell), round(middle)
        level = float(np.mean(image[y - 2 : y + 3, x - 2 : x + 3]))
        if 80 < level < 175:
            return None
        value |= (level > 127) << bit
    number = value >> 1
    return number if parity(number) == value & 1 else None


def parity(number):
    """Return the even parity of a number, turned round so that a black corner is no frame 0."""
    return 1 - (number.bit_count() & 1)
