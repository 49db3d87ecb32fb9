"""Tesseract as a program, started through pytesseract for every reading."""

import os
import shlex
from typing import Any

import numpy as np
import pytesseract

from streamlab.tools.ocr_engines import Reading
from streamlab.tools.tessdata import LANGUAGE, find_program, find_tessdata

_SINGLE_LINE = 7
_AUTO = 3


class PytesseractEngine:
    """See `Engine`. Independent of tesserocr, and 100 ms or more a reading."""

    def __init__(self) -> None:
        # As in tesserocr_engine: the program inherits it.
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        pytesseract.pytesseract.tesseract_cmd = find_program()
        self._data = f"--tessdata-dir {shlex.quote(find_tessdata())}"

    def read_line(self, image: np.ndarray[Any, Any], whitelist: str = "") -> Reading:
        """Read one line of text; only characters of `whitelist`, or all where it is empty."""
        return self._read(image, whitelist, _SINGLE_LINE)

    def read_page(self, image: np.ndarray[Any, Any], whitelist: str = "") -> Reading:
        """Read text wherever it stands in the image, its lines separated by newlines."""
        return self._read(image, whitelist, _AUTO)

    def _read(self, image: np.ndarray[Any, Any], whitelist: str, mode: int) -> Reading:
        config = f"{self._data} --oem 1 --psm {mode} -c load_system_dawg=0 -c load_freq_dawg=0"
        if whitelist:
            config += f" -c tessedit_char_whitelist={shlex.quote(whitelist)}"
        data = pytesseract.image_to_data(
            image, lang=LANGUAGE, config=config, output_type=pytesseract.Output.DICT
        )
        lines: dict[tuple[int, int, int], list[str]] = {}
        scores = []
        places = zip(data["block_num"], data["par_num"], data["line_num"], strict=True)
        for place, word, score in zip(places, data["text"], data["conf"], strict=True):
            if word.strip():
                lines.setdefault(place, []).append(word.strip())
                scores.append(float(score))
        text = "\n".join(" ".join(words) for words in lines.values())
        return Reading(text, float(np.mean(scores)) / 100 if scores else 0.0)
