"""Tesseract in this process, through tesserocr."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Any

import numpy as np

# A Tesseract built with OpenMP splits even one line of text over threads, which costs more than
# it brings and takes the cores from other frames; it asks for the limit once, when it is loaded.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import tesserocr

from streamlab.tools.ocr_engines import Reading
from streamlab.tools.tessdata import LANGUAGE, find_tessdata

# Codes and names are in no dictionary, and its guesses make them into words.
_VARIABLES = {
    "load_system_dawg": "0",
    "load_freq_dawg": "0",
    "load_punc_dawg": "0",
    "load_number_dawg": "0",
    "load_unambig_dawg": "0",
    "load_bigram_dawg": "0",
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
        return self._read(image, whitelist, tesserocr.PSM.SINGLE_LINE)

    def read_page(self, image: np.ndarray[Any, Any], whitelist: str = "") -> Reading:
        """Read text wherever it stands in the image, its lines separated by newlines."""
        return self._read(image, whitelist, tesserocr.PSM.AUTO)

    def _read(self, image: np.ndarray[Any, Any], whitelist: str, mode: int) -> Reading:
        height, width = image.shape
        with self._api() as api:
            api.SetVariable("tessedit_char_whitelist", whitelist)
            api.SetPageSegMode(mode)
            api.SetImageBytes(np.ascontiguousarray(image).tobytes(), width, height, 1, width)
            text = api.GetUTF8Text().strip()
            scores = api.AllWordConfidences()
            api.Clear()
        lines = (" ".join(line.split()) for line in text.splitlines())
        return Reading(
            "\n".join(filter(None, lines)), float(np.mean(scores)) / 100 if scores else 0
        )

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
