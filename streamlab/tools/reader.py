"""The tool `read_tracks`: the texts on tracked things, read once for each and kept."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from streamlab.tools.ocr_engines import EngineName, load_engine, missing_for
from streamlab.tools.params import Unit
from streamlab.tools.tool import Step, Tool, Values

DEFAULT_WHITELIST = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"


class ReadParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `read_tracks` can be told."""

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


class ReadTracks(Tool):
    """Reads what stands on tracked things, in as few readings as will do.

    `detections` are those it is given, with `text` and `text_score` on every frame of a track
    whose text is known; `text` has the texts of the frame in reading order, separated by spaces.
    """

    name = "read_tracks"
    title = "What was read"
    reads = frozenset({"image", "detections", "tracks", "frame_index"})
    produces = frozenset({"detections", "text"})
    defers_work = True
    Params = ReadParams

    @classmethod
    def missing(cls, params: ReadParams) -> str | None:
        """Return what must be installed for its engine."""
        return missing_for(params.engine)

    def load(self) -> None:
        """Load the engine. Raises `ToolUnavailableError` where that cannot be done."""
        self._engine = load_engine(self.params.engine)

    def open(self) -> Step:
        """Return the step of one session, which remembers its tracks' texts."""
        from streamlab.tools.track_texts import TrackTexts

        texts = TrackTexts(self._engine, self.params)

        def step(values: Values) -> Values:
            texts.update(values["image"], values["tracks"], values["frame_index"])
            detections = [texts.labelled(d) for d in values["detections"]]
            return {"detections": detections, "text": in_reading_order(detections)}

        return step


def in_reading_order(detections: list[Any]) -> str:
    """Join the texts of detections: lines from the top, each from the left."""
    found = sorted((d for d in detections if d.text), key=lambda d: d.y + d.height / 2)
    lines: list[list[Any]] = []
    for d in found:
        if lines and d.y + d.height / 2 < lines[-1][0].y + lines[-1][0].height:
            lines[-1].append(d)
        else:
            lines.append([d])
    return " ".join(d.text for line in lines for d in sorted(line, key=lambda d: d.x))
