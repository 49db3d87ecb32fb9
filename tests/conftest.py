"""What every test may ask for: real frames."""

import numpy as np
import pytest
from pictures import make_image

from streamlab.media import frames


@pytest.fixture(scope="session")
def jpeg():
    """A small JPEG."""
    return frames.encode(make_image())


@pytest.fixture(scope="session")
def slow_jpeg():
    """A JPEG of few bytes and many pixels: quick to send, slow to decode."""
    return frames.encode(np.full((4000, 4000, 3), 127, np.uint8), quality=50)
