"""The tool `read_tracks`: the texts on tracked things, read once for each and kept."""

from typing import Any

from streamlab.tools.ocr_engines import load_engine, missing_for
from streamlab.tools.read_params import ReadParams
from streamlab.tools.tool import Step, Tool, Values


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
        from streamlab.tools.track_texts import TrackTexts  # brings OpenCV

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
