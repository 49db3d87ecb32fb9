"""EAN-13 bar codes, drawn."""

import cv2
import numpy as np

LEFT = ["0001101", "0011001", "0010011", "0111101", "0100011",
        "0110001", "0101111", "0111011", "0110111", "0001011"]  # fmt: skip
# Which of the six left digits are mirrored and inverted, by the first digit.
PARITIES = ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG",
            "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"]  # fmt: skip
QUIET_MODULES = 11


def ean_13(digits, module_px=2, height_px=90):
    """Return a bar code of 13 digits, the last one its check digit, HxWx3 uint8."""
    assert sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits)) % 10 == 0
    first, left, right = digits[0], digits[1:7], digits[7:]
    bars = "101"
    for digit, parity in zip(left, PARITIES[int(first)], strict=True):
        bars += LEFT[int(digit)] if parity == "L" else inverted(LEFT[int(digit)])[::-1]
    bars += "01010" + "".join(inverted(LEFT[int(digit)]) for digit in right) + "101"
    quiet = "0" * QUIET_MODULES
    row = np.array([0 if bar == "1" else 255 for bar in quiet + bars + quiet], np.uint8)
    image = np.repeat(np.repeat(row[None], height_px, axis=0), module_px, axis=1)
    return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)


def inverted(bars):
    return bars.translate(str.maketrans("01", "10"))
