"""Which file a detector's weights are in, and whether it can be one."""

import os
from pathlib import Path

from streamlab.errors import ToolUnavailableError

WEIGHTS_VARIABLE = "STREAM_YOLO_WEIGHTS"
WEIGHTS_FOLDER = Path(__file__).parent.parent / "weights"
BUNDLED = {name: WEIGHTS_FOLDER / f"{name}.onnx" for name in ("gate_conveyor", "everyday")}
"""The detectors that come with streamlab, by the names that stand for their files."""
BUNDLED_WEIGHTS = BUNDLED["gate_conveyor"]
"""Where nothing else is named."""

_LFS_POINTER = b"version https://git-lfs"
SUFFIXES = (".onnx", ".pt")


def find_weights(weights: str | None) -> Path:
    """Return the file that `weights` names, else `STREAM_YOLO_WEIGHTS`, else the bundled one.

    Both may be a path, or the name of a bundled detector. Raises `ToolUnavailableError` for a file
    that is missing, of another kind, or a pointer that Git LFS left in its place.
    """
    given = weights or os.environ.get(WEIGHTS_VARIABLE)
    try:
        path = BUNDLED.get(given) or Path(given).expanduser() if given else BUNDLED_WEIGHTS
        is_file = path.is_file()
    except (RuntimeError, OSError) as error:  # an unknown user, a name that is too long
        raise ToolUnavailableError(f"{str(given)[:200]}: {error}") from error
    if path.suffix.lower() not in SUFFIXES:
        raise ToolUnavailableError(
            f"{path}: weights end in {' or '.join(SUFFIXES)}, or are {' or '.join(BUNDLED)}"
        )
    if not is_file:
        raise ToolUnavailableError(f"{path}: no such file of weights")
    try:
        with path.open("rb") as file:
            start = file.read(len(_LFS_POINTER))
    except OSError as error:
        raise ToolUnavailableError(f"{path}: {error.strerror}") from error
    if start == _LFS_POINTER:
        raise ToolUnavailableError(f"{path}: a Git LFS pointer, not weights; run `git lfs pull`")
    if not start:
        raise ToolUnavailableError(f"{path}: the file is empty")
    return path
