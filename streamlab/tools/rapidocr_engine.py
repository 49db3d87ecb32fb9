"""PP-OCR networks through RapidOCR: text as it stands in the world, not on a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Any, NamedTuple

import numpy as np
from rapidocr import RapidOCR

from streamlab.tools.reading import NOTHING, Reading, line_of, page_of

Image = np.ndarray[Any, Any]

_PARAMS = {
    "Global.log_level": "critical",
    "Global.text_score": 0.5,  # mean score of a line's characters under which it is no text
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


class FoundLine(NamedTuple):
    """A line of text in an image; `corners` in pixels, clockwise from the top left of the text."""

    corners: list[list[float]]
    reading: Reading


class RapidOcrEngine:
    """See `Engine`; `find_lines` also says where in an image text stands.

    Its networks (PP-OCRv6, in RapidOCR's wheel) are shared by all calls; what a call changes in a
    `RapidOCR` object is its own, so there are as many objects as were ever needed at once.
    """

    def __init__(self) -> None:
        self._idle: LifoQueue[Any] = LifoQueue()
        self._idle.put(RapidOCR(params=_PARAMS))

    def read_line(self, image: Image, whitelist: str = "") -> Reading:
        """Read one line of text; only characters of `whitelist`, or all where it is empty."""
        with self._reader() as reader:
            found = reader(image, use_det=False, use_cls=False, use_rec=True, return_word_box=True)
        if not found.txts:
            return NOTHING
        return line_of(
            _characters(found.txts[0], found.scores[0], found.word_results[0]), whitelist
        )

    def read_page(self, image: Image, whitelist: str = "") -> Reading:
        """Read text wherever it stands in the image, its lines separated by newlines."""
        characters: list[tuple[str, float]] = []
        for line in self.find_lines(image):
            if characters:
                characters.append(("\n", 1.0))
            scores = iter(line.reading.character_scores)
            characters += [(c, next(scores)) for c in line.reading.text]
        return page_of(characters, whitelist)

    def find_lines(self, image: Image) -> list[FoundLine]:
        """Find and read the lines of text in an image (HxW or HxWx3 uint8 BGR), from the top."""
        with self._reader() as reader:
            found = reader(image, use_det=True, use_cls=False, use_rec=True, return_word_box=False)
        if found.boxes is None or not found.txts:
            return []
        return [
            FoundLine(
                [[round(float(x), 1), round(float(y), 1)] for x, y in box],
                line_of((character, score) for character in text),
            )
            for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        ]

    @contextmanager
    def _reader(self) -> Iterator[Any]:
        try:
            reader = self._idle.get_nowait()
        except Empty:
            reader = RapidOCR(params=_PARAMS)
        try:
            yield reader
        finally:
            self._idle.put(reader)


def _characters(text: str, score: float, words: Any) -> list[tuple[str, float]]:
    """Return the characters of a line with the score of each; the line's where there is none."""
    scores = list(words.confs) if words is not None else []
    if len(scores) != sum(not c.isspace() for c in text):
        return [(c, score) for c in text]
    each = iter(scores)
    return [(c, 1.0 if c.isspace() else float(next(each))) for c in text]
