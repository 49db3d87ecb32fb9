"""The tool `ocr_text`: all the text in a frame."""

import msgspec

from streamlab.tools.ocr_engines import EngineName, load_engine, missing_for
from streamlab.tools.params import Unit
from streamlab.tools.tool import Step, Tool, Values


class OcrTextParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of `ocr_text`."""

    engine: EngineName = "tesserocr"
    """`tesserocr` reads in this process, `pytesseract` starts a program for each frame, `rapidocr`
    (extra `scenetext`) is slower and reads text in the wild better."""
    whitelist: str = ""
    """The only characters that can be read; all where it is empty."""
    min_text_score: Unit = 0.0
    """A frame's text is empty where the engine is less sure than this of what it read."""


class OcrText(Tool):
    """Reads the whole frame; `text` has its lines, separated by newlines."""

    name = "ocr_text"
    title = "What was read"
    reads = frozenset({"image"})
    produces = frozenset({"text"})
    Params = OcrTextParams

    @classmethod
    def missing(cls, params: OcrTextParams) -> str | None:
        """Return what must be installed for its engine."""
        return missing_for(params.engine)

    def load(self) -> None:
        """Load the engine. Raises `ToolUnavailableError` where that cannot be done."""
        self._engine = load_engine(self.params.engine)

    def open(self) -> Step:
        """Return the step; nothing is remembered between frames."""
        import cv2

        params: OcrTextParams = self.params
        engine = self._engine

        def step(values: Values) -> Values:
            grey = cv2.cvtColor(values["image"], cv2.COLOR_BGR2GRAY)
            reading = engine.read_page(grey, params.whitelist)
            return {"text": reading.text if reading.score >= params.min_text_score else ""}

        return step
