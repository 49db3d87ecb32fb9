"""Tesseract in this process, through tesserocr."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Any

import numpy as np

# A Tesseract built with OpenMP splits even one line of text over threads, which costs more than
# it brings and takes the cores from other frames; it reads the limit once, when it is loaded.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import tesserocr

from streamlab.tools.reading import Reading, line_of, page_of
from streamlab.tools.tessdata import LANGUAGE, find_tessdata

# Codes and names are in no dictionary, and its guesses make them into words.
_VARIABLES = {
    "load_system_dawg": "0",
    "load_freq_dawg": "0",
    "load_punc_dawg": "0",
    "load_number_dawg": "0",
    "debug_file": os.devnull,
}


class TesserocrEngine:
    """See `Engine`.

    An API object serves one call at a time, so there are as many as were ever needed at once.
    """

    def __init__(self) -> None:
        self._tessdata = find_tessdata()
        self._idle: LifoQueue[Any] = LifoQueue()
        self._idle.put(self._new_api())

    def read_line(self, image: np.ndarray[Any, Any], whitelist: str = "") -> Reading:
        """Read one line of text; only characters of `whitelist`, or all where it is empty."""
        return line_of(self._characters(image, tesserocr.PSM.SINGLE_LINE, " "), whitelist)

    def read_page(self, image: np.ndarray[Any, Any], whitelist: str = "") -> Reading:
        """Read text wherever it stands in the image, its lines separated by newlines."""
        return page_of(self._characters(image, tesserocr.PSM.AUTO, "\n"), whitelist)

    def _characters(
        self, image: np.ndarray[Any, Any], mode: int, line_end: str
    ) -> list[tuple[str, float]]:
        height, width = image.shape
        with self._api() as api:
            api.SetPageSegMode(mode)
            api.SetImageBytes(np.ascontiguousarray(image).tobytes(), width, height, 1, width)
            api.Recognize()
            characters = _characters_of(api.GetIterator(), line_end)
            api.Clear()
        return characters

    @contextmanager
    def _api(self) -> Iterator[Any]:
        try:
            api = self._idle.get_nowait()
        except Empty:
            api = self._new_api()
        try:
            yield api
        finally:
            self._idle.put(api)

    def _new_api(self) -> Any:
        return tesserocr.PyTessBaseAPI(
            path=self._tessdata,
            lang=LANGUAGE,
            oem=tesserocr.OEM.LSTM_ONLY,
            psm=tesserocr.PSM.SINGLE_LINE,
            variables=_VARIABLES,
        )


def _characters_of(iterator: Any, line_end: str) -> list[tuple[str, float]]:
    """Return characters and scores in reading order, with a space or `line_end` between words."""
    level, word, line = tesserocr.RIL.SYMBOL, tesserocr.RIL.WORD, tesserocr.RIL.TEXTLINE
    characters: list[tuple[str, float]] = []
    if iterator is None or iterator.Empty(level):
        return characters
    while True:
        if characters and iterator.IsAtBeginningOf(line):
            characters.append((line_end, 1.0))
        elif characters and iterator.IsAtBeginningOf(word):
            characters.append((" ", 1.0))
        characters.append((iterator.GetUTF8Text(level), iterator.Confidence(level) / 100))
        if not iterator.Next(level):
            return characters
