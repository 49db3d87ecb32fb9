"""Which weights are here, and what each of them is."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from streamlab.errors import ToolUnavailableError
from streamlab.models.folders import BUNDLED_FOLDER, searched_folders
from streamlab.models.published import LICENCE, task_of


class Entry(NamedTuple):
    """A file of weights."""

    path: Path
    task: str | None
    """`None` where the file does not say."""
    class_count: int | None
    size_bytes: int
    licence: str | None
    problem: str | None = None
    """Why it cannot be used."""


def found_weights() -> Iterator[Entry]:
    """Yield the bundled weights, then those of each folder that is searched, by name."""
    for folder in (BUNDLED_FOLDER, *searched_folders()):
        try:
            files = sorted(path for path in folder.iterdir() if path.is_file())
        except OSError:
            continue  # a folder that is not there has no weights
        for path in files:
            if path.suffix.lower() in (".onnx", ".pt"):
                yield describe_weights(path)


def describe_weights(path: Path) -> Entry:
    """Return what is known of a file without running it."""
    size = path.stat().st_size
    exported = path.with_suffix(".onnx")
    if path.suffix.lower() == ".pt" and not exported.is_file():
        # such a file is Python that would have to be run
        task = task_of(path.stem)
        return Entry(path, task, None, size, LICENCE if task else None)
    try:
        from streamlab.models.onnx_file import OnnxFile
        from streamlab.models.onnx_network import describe

        model = describe(exported, OnnxFile.read(exported))
    except ToolUnavailableError as error:
        return Entry(path, None, None, size, None, str(error))
    return Entry(path, model.task, len(model.names), size, model.licence)
