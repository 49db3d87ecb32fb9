"""A hub for all tests of this folder, which are skipped where there can be none."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "browser")]

from hub_process import running_hub, what_is_missing  # noqa: E402


@pytest.fixture(scope="session")
def hub():
    """A hub at which the servers of both users run."""
    missing = what_is_missing()
    if missing:
        pytest.skip(missing)
    with running_hub() as hub:
        yield hub
