"""The tool `find_text`: where text stands in a frame, and what it says."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from streamlab.tools.detection import Detection
from streamlab.tools.ocr_engines import load_rapidocr, missing_for
from streamlab.tools.params import Unit
from streamlab.tools.reader import in_reading_order
from streamlab.tools.tool import Step, Tool, Values

if TYPE_CHECKING:
    from streamlab.tools.rapidocr_engine import FoundLine, RapidOcrEngine

LABEL = "text"
_THUMBNAIL = (32, 24)
"""Width and height at which two frames are compared, pixels."""


class FindTextParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of `find_text`."""

    every: Annotated[int, Meta(ge=1, le=1000)] = 10
    """Frames between two searches at least: one takes 100 to 250 ms on one core."""
    min_change: Annotated[float, Meta(ge=0, le=255)] = 2.0
    """Mean difference of grey levels from the frame searched last, under which nothing is searched
    for anew; 0 searches every frame."""
    min_text_score: Unit = 0.6
    """No text is shown that is less sure than this."""


class FindText(Tool):
    """Finds and reads the lines of text of a frame, of any size, colour and slant.

    A search is costly, so a frame is searched when enough others have passed and the picture has
    changed; those between keep what was found last. `detections` have the label `text`, and the
    text with its score; `text` has the texts of the frame in reading order.
    """

    name = "find_text"
    reads = frozenset({"image", "frame_index"})
    produces = frozenset({"detections", "text"})
    defers_work = True
    Params = FindTextParams

    @classmethod
    def labels(cls, params: FindTextParams) -> tuple[str, ...]:
        """Return the one label that it gives."""
        return (LABEL,)

    @classmethod
    def missing(cls, params: FindTextParams) -> str | None:
        """Return what must be installed for its engine."""
        return missing_for("rapidocr")

    def load(self) -> None:
        """Load the networks. Raises `ToolUnavailableError` without the extra `scenetext`."""
        self._engine = load_rapidocr()

    def open(self) -> Step:
        """Return the step of one session, which remembers what it found last."""
        searches = _Searches(self._engine, self.params)

        def step(values: Values) -> Values:
            detections = searches.update(values["image"], values["frame_index"])
            return {"detections": detections, "text": in_reading_order(detections)}

        return step


class _Searches:
    def __init__(self, engine: "RapidOcrEngine", params: FindTextParams) -> None:
        self._engine = engine
        self._params = params
        self._next_index = 0
        self._seen: Any = None
        self._found: list[Detection] = []

    def update(self, image: Any, frame_index: int) -> list[Detection]:
        """Search `image` (HxWx3 uint8 BGR) if it is due; return what was found last."""
        if frame_index >= self._next_index and self._has_changed(image):
            lines = self._engine.find_lines(image)
            least = self._params.min_text_score
            self._found = [_detection(line) for line in lines if line.reading.score >= least]
            self._next_index = frame_index + self._params.every
        return list(self._found)

    def _has_changed(self, image: Any) -> bool:
        import cv2
        import numpy as np

        small = cv2.resize(image, _THUMBNAIL, interpolation=cv2.INTER_AREA).astype(np.int16)
        least = self._params.min_change
        if self._seen is not None and np.abs(small - self._seen).mean() < least:
            return False
        self._seen = small
        return True


def _detection(line: "FoundLine") -> Detection:
    xs, ys = zip(*line.corners, strict=True)
    score = round(line.reading.score, 4)
    return Detection(
        round(min(xs), 1),
        round(min(ys), 1),
        round(max(xs) - min(xs), 1),
        round(max(ys) - min(ys), 1),
        label=LABEL,
        score=score,
        text=line.reading.text,
        text_score=score,
    )
