"""What one session knows of the texts on its tracks, and which it reads next."""

from typing import TYPE_CHECKING, Any

import msgspec

from streamlab.tools.crops import cut, prepare
from streamlab.tools.detection import Detection
from streamlab.tools.ocr_engines import Engine
from streamlab.tools.voting import Outcome, Vote

if TYPE_CHECKING:
    from streamlab.tools.reader import ReadParams

_HEIGHTS_PX = (48, 64, 40)
_FORGET_AFTER_FRAMES = 300
_MAX_SAVED_READINGS = 3.0


class _TrackText:
    def __init__(self) -> None:
        self.vote = Vote()
        self.outcome = Outcome("", 0.0, 0)
        self.best_height = 0.0
        self.last_seen = 0
        self.last_read = -1000
        self.settled = False


class TrackTexts:
    """The texts of one session's tracks."""

    def __init__(self, engine: Engine, params: "ReadParams") -> None:
        self._engine = engine
        self._params = params
        self._tracks: dict[int, _TrackText] = {}
        self._allowance = 1.0
        self._last_frame = 0

    def update(self, image: Any, tracks: list[Detection], frame_index: int) -> None:
        """Read what is most worth reading in `image` (HxWx3 uint8 BGR) for `tracks`."""
        params = self._params
        frames = max(frame_index - self._last_frame, 0)
        self._last_frame = frame_index
        self._allowance = min(
            self._allowance + frames * params.mean_readings_per_frame, _MAX_SAVED_READINGS
        )
        waiting = []
        for box in tracks:
            if box.track_id is None or box.height < params.min_height:
                continue
            if params.labels is not None and box.label not in params.labels:
                continue
            text = self._tracks.setdefault(box.track_id, _TrackText())
            text.last_seen = frame_index
            better = box.height > 1.25 * text.best_height
            if text.settled and not (better and text.outcome.score < 0.9):
                continue
            if text.vote.readings >= 6 and not better and frame_index - text.last_read < 8:
                continue
            waiting.append((text.vote.readings, text.outcome.score, -box.height, box))
        waiting.sort(key=lambda item: item[:3])
        for *_, box in waiting[: params.max_readings_per_frame]:
            if self._allowance < 1:
                break
            self._read(image, box, frame_index)
        if frame_index % 64 == 0:
            oldest = frame_index - _FORGET_AFTER_FRAMES
            self._tracks = {k: t for k, t in self._tracks.items() if t.last_seen >= oldest}

    def labelled(self, detection: Detection) -> Detection:
        """Return `detection` with what is known of its text."""
        known = self._tracks.get(detection.track_id) if detection.track_id is not None else None
        if known is None or not known.outcome.text:
            return detection
        if known.outcome.score < self._params.min_text_score:
            return detection
        return msgspec.structs.replace(
            detection, text=known.outcome.text, text_score=round(known.outcome.score, 4)
        )

    def _read(self, image: Any, box: Detection, frame_index: int) -> None:
        assert box.track_id is not None
        track = self._tracks[box.track_id]
        crop = cut(image, box, self._params.margin)
        if crop is None:
            return
        self._allowance -= 1
        height = _HEIGHTS_PX[track.vote.readings % len(_HEIGHTS_PX)]
        reading = self._engine.read_line(prepare(crop, height / box.height), self._params.whitelist)
        track.vote.add(reading.text.replace("\n", " "), reading.score**2)
        track.outcome = track.vote.outcome()
        track.best_height = max(track.best_height, box.height)
        track.last_read = frame_index
        track.settled = track.outcome.agreeing >= 3 and track.outcome.score >= 0.7
