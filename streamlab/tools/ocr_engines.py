"""The OCR engines behind one interface, each loaded once and shared by all sessions."""

import importlib.util
import logging
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Protocol

from streamlab.errors import ToolUnavailableError
from streamlab.tools.reading import Reading

if TYPE_CHECKING:
    import numpy as np

    from streamlab.tools.rapidocr_engine import RapidOcrEngine

EngineName = Literal["tesserocr", "pytesseract", "rapidocr"]

NEEDS_RAPIDOCR = 'text in the wild needs `pip install "jupyter-streamlab[scenetext]"`'

logger = logging.getLogger(__name__)


class Engine(Protocol):
    """Reads text from grey images (HxW, uint8, dark on bright); safe to call from any thread."""

    def read_line(self, image: "np.ndarray[Any, Any]", whitelist: str = "") -> Reading:
        """Read one line of text; only characters of `whitelist`, or all where it is empty."""

    def read_page(self, image: "np.ndarray[Any, Any]", whitelist: str = "") -> Reading:
        """Read text wherever it stands in the image, its lines separated by newlines."""


def missing_for(name: EngineName) -> str | None:
    """Return what must be installed for the engine `name`; None where it is. Imports nothing."""
    if name == "rapidocr" and importlib.util.find_spec("rapidocr") is None:
        return NEEDS_RAPIDOCR
    return None


@cache
def load_engine(name: EngineName) -> Engine:
    """Return the engine `name`, shared by all callers.

    Where tesserocr cannot be loaded, pytesseract stands in, which starts a process for every
    reading; a warning says so, once. Raises `ToolUnavailableError` where neither can be, and for
    `rapidocr` where its extra is not installed.
    """
    if name == "rapidocr":
        return load_rapidocr()
    if name == "tesserocr":
        try:
            from streamlab.tools.tesserocr_engine import TesserocrEngine

            return TesserocrEngine()
        except (ImportError, RuntimeError, ToolUnavailableError) as error:
            logger.warning("tesserocr cannot be used (%s); pytesseract is, far slower", error)
            return load_engine("pytesseract")
    try:
        from streamlab.tools.pytesseract_engine import PytesseractEngine
    except ImportError as error:
        raise ToolUnavailableError("OCR needs `pip install tesserocr` or pytesseract") from error
    return PytesseractEngine()


@cache
def load_rapidocr() -> "RapidOcrEngine":
    """Return the engine that also finds text; raises `ToolUnavailableError` without its extra."""
    try:
        from streamlab.tools.rapidocr_engine import RapidOcrEngine
    except ImportError as error:
        raise ToolUnavailableError(f"{NEEDS_RAPIDOCR} ({error})") from error
    return RapidOcrEngine()
