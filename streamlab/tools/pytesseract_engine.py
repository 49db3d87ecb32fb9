"""Tesseract as a program, started through pytesseract for every reading."""

import os
import re
import shlex
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytesseract

from streamlab.tools.reading import Reading, line_of, page_of
from streamlab.tools.tessdata import LANGUAGE, find_program, find_tessdata

_SINGLE_LINE = 7
_AUTO = 3
_CHARACTER_SCORE = re.compile(r"x_conf ([\d.]+)")
_LINE_CLASSES = {"ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat"}


class PytesseractEngine:
    """See `Engine`. Independent of tesserocr, and 80 ms or more a reading."""

    def __init__(self) -> None:
        # As in tesserocr_engine; the program inherits it.
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        pytesseract.pytesseract.tesseract_cmd = find_program()
        data = shlex.quote(find_tessdata())
        self._config = f"--tessdata-dir {data} --oem 1 -c hocr_char_boxes=1"

    def read_line(self, image: np.ndarray[Any, Any], whitelist: str = "") -> Reading:
        """Read one line of text; only characters of `whitelist`, or all where it is empty."""
        return line_of(self._characters(image, _SINGLE_LINE, " "), whitelist)

    def read_page(self, image: np.ndarray[Any, Any], whitelist: str = "") -> Reading:
        """Read text wherever it stands in the image, its lines separated by newlines."""
        return page_of(self._characters(image, _AUTO, "\n"), whitelist)

    def _characters(
        self, image: np.ndarray[Any, Any], mode: int, line_end: str
    ) -> list[tuple[str, float]]:
        # Of the program's formats, only hOCR has a confidence for each character.
        page = pytesseract.image_to_pdf_or_hocr(
            image, lang=LANGUAGE, config=f"{self._config} --psm {mode}", extension="hocr"
        )
        characters: list[tuple[str, float]] = []
        for element in ElementTree.fromstring(page).iter():
            kind = element.get("class")
            if kind in _LINE_CLASSES and characters:
                characters.append((line_end, 1.0))
            elif kind == "ocrx_word" and characters and not characters[-1][0].isspace():
                characters.append((" ", 1.0))
            elif kind == "ocrx_cinfo" and element.text:
                score = _CHARACTER_SCORE.search(element.get("title", ""))
                characters.append((element.text, float(score.group(1)) / 100 if score else 0.0))
        return characters
