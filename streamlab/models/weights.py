"""Which file a model's weights are in, and whether it can be one."""

from pathlib import Path

from streamlab.errors import ToolUnavailableError
from streamlab.models.folders import BUNDLED_FOLDER, searched_folders
from streamlab.models.published import PUBLISHED
from streamlab.settings import value_of, variable_of

WEIGHTS_VARIABLE = variable_of("yolo_weights")
BUNDLED = {name: BUNDLED_FOLDER / f"{name}.onnx" for name in ("gate_conveyor", "everyday")}
"""The detectors that come with streamlab, by the names that stand for their files."""
BUNDLED_WEIGHTS = BUNDLED["gate_conveyor"]
"""Where nothing else is named."""

_LFS_POINTER = b"version https://git-lfs"
SUFFIXES = (".onnx", ".pt")


def find_weights(weights: str | None) -> Path:
    """Return the file that `weights` names, else `STREAM_YOLO_WEIGHTS`, else the bundled one.

    Both may be the name of a bundled detector. A name without a folder is looked for in the
    current folder, the user's data folder and Ultralytics' own; one of published weights without
    an ending may be of either kind. Nothing is downloaded. Raises `ToolUnavailableError` for a
    file that is missing, of another kind, or a pointer that Git LFS left in its place.
    """
    given = weights or value_of("yolo_weights")
    if not given or given in BUNDLED:
        return _checked(BUNDLED[given] if given else BUNDLED_WEIGHTS)
    try:
        return _checked(_located(given))
    except (RuntimeError, OSError) as error:  # an unknown user, a name that is too long
        raise ToolUnavailableError(f"{given[:200]}: {error}") from error


def _located(given: str) -> Path:
    path = Path(given).expanduser()
    if path.suffix.lower() in SUFFIXES:
        names = [path]
    elif path.name in PUBLISHED:
        names = [path.with_name(path.name + suffix) for suffix in SUFFIXES]
    else:
        raise ToolUnavailableError(
            f"{path}: weights end in {' or '.join(SUFFIXES)}, or are {' or '.join(BUNDLED)}"
        )
    is_bare = path.name == given
    folders = searched_folders() if is_bare else [path.parent]
    places = [folder / name.name for folder in folders for name in names]
    for place in places:
        if place.is_file():
            return place
    problem = f"{path}: no such file of weights"
    if is_bare:
        problem += f"; looked in {', '.join(map(str, folders))}"
    if path.stem in PUBLISHED:
        problem += f"; `streamlab weights get {path.stem}` downloads it"
    raise ToolUnavailableError(problem)


def _checked(path: Path) -> Path:
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
