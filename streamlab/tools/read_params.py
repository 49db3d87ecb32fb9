"""The parameters of `read_tracks`."""

from typing import Annotated

import msgspec
from msgspec import Meta

from streamlab.tools.ocr_engines import EngineName
from streamlab.tools.params import Unit

DEFAULT_WHITELIST = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"


class ReadParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of `read_tracks`."""

    engine: EngineName = "tesserocr"
    """`tesserocr` reads in this process, `pytesseract` starts a program for each reading,
    `rapidocr` (extra `scenetext`) is slower and reads text in the wild better."""
    labels: tuple[str, ...] | None = ("plate", "label")
    """Which things carry text; `null` for all of them. A thing's box is read as one line."""
    whitelist: str | None = None
    """The only characters that can be read, all where it is empty: `"A-Z"` is three of them, not a
    range. Unless given, capitals, digits and the hyphen, which plates have, and all characters
    where `labels` is `null`. A small letter counts as its capital where only that is listed."""
    min_height: Annotated[float, Meta(ge=4)] = 14.0
    """Lower boxes, in pixels, are not read."""
    min_text_score: Unit = 0.6
    """No text is shown that is less sure than this."""
    sure_support: Annotated[float, Meta(gt=0, le=100)] = 1.4
    """A text is read no more when readings of this weight agree; a sure one weighs about 0.8."""
    margin: Annotated[float, Meta(ge=-0.3, le=2)] = 0.0
    """Added around a box, as a share of its height: for a detector whose boxes are too tight."""
    max_readings_per_frame: Annotated[int, Meta(ge=1, le=100)] = 2
    """The most that a frame may cost, but for a session's first."""
    mean_readings_per_frame: Annotated[float, Meta(gt=0, le=100)] = 0.5
    """What a busy scene may cost on average."""

    @property
    def characters(self) -> str:
        """The characters that can be read; empty for all."""
        if self.whitelist is not None:
            return self.whitelist
        return "" if self.labels is None else DEFAULT_WHITELIST
