"""The environment of a subprocess that runs this same Python and streamlab from any folder."""

import os
import sys
from pathlib import Path

PACKAGE_ROOT = str(Path(__file__).resolve().parents[1])


def module_command(module: str) -> list[str]:
    """Return the command that runs a module; the current folder does not come before libraries."""
    return [sys.executable, "-P", "-m", module]


def module_environment() -> dict[str, str]:
    """Return the environment for `module_command`: this one, and where this package is."""
    path = os.pathsep.join(filter(None, (PACKAGE_ROOT, os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}
