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


@pytest.fixture
def policy_package(tmp_path, monkeypatch):
    """A package with one good admission policy and several broken ones, as pip would install it."""
    (tmp_path / "admissions.py").write_text(
        "from streamlab import Decision, QueuePolicy\n\n"
        "class Third(QueuePolicy):\n"
        '    """Every third frame."""\n\n'
        "    def arrive(self, now, frame_index):\n"
        "        if frame_index % 3:\n"
        "            return Decision((frame_index,))\n"
        "        return super().arrive(now, frame_index)\n\n"
        "NUMBER = 1\n"
    )
    (tmp_path / "explosive.py").write_text("raise RuntimeError('bang')\n")
    info = tmp_path / "admissions-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: admissions\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[streamlab.policies]\n"
        "third = admissions:Third\n"
        "fifo = admissions:Third\n"
        "number = admissions:NUMBER\n"
        "absent = admissions:absent\n"
        "missing = no_such_module:thing\n"
        "bang = explosive:thing\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path
