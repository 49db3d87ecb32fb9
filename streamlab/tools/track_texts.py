"""What one session knows of the texts on its tracks, and which of them it reads next."""

import logging
from typing import Any

import msgspec

from streamlab.tools.crops import PREPARATIONS, is_cut_off, prepare
from streamlab.tools.detection import Detection
from streamlab.tools.ocr_engines import Engine
from streamlab.tools.read_params import ReadParams
from streamlab.tools.reading import NOTHING, trimmed
from streamlab.tools.reading_budget import ReadingBudget
from streamlab.tools.voting import NO_OUTCOME, Outcome, Vote

logger = logging.getLogger(__name__)

_FORGET_AFTER_FRAMES = 300
_EDGE_MARKS = "-.,:;'\"_~|/\\ "
_CLEAR_MAJORITY = 3.0
_BETTER_VIEW = 1.15
_MUCH_BETTER_VIEW = 1.5
_CONFIRM_AFTER_FRAMES = 3
_EMERGING = 1.08
_LEAST_VIEW = 1e-6
_FULL_HEIGHT_PX = 36
"""Text reads no better in a box higher than this."""


class _TrackText:
    def __init__(self) -> None:
        self.vote = Vote()
        self.outcome = NO_OUTCOME
        self.last_seen = 0
        self.last_aspect = 0.0
        self.next_look = 0


class TrackTexts:
    """The texts of one session's tracks."""

    def __init__(self, engine: Engine, params: ReadParams) -> None:
        self._engine = engine
        self._params = params
        self._tracks: dict[int, _TrackText] = {}
        self._budget = ReadingBudget(params.max_readings_per_frame, params.mean_readings_per_frame)
        self._started = False
        self._is_warned = False

    def update(self, image: Any, tracks: list[Detection], frame_index: int) -> None:
        """Read what is most worth reading in `image` (HxWx3 uint8 BGR) for `tracks`."""
        gains = []
        for box in tracks:
            if box.track_id is None or not self._carries_text(box):
                continue
            track = self._tracks.setdefault(box.track_id, _TrackText())
            # What is new may be just coming into view, but for the first frame of all.
            emerging = _is_emerging(track, box) if track.last_aspect else self._started
            track.last_seen, track.last_aspect = frame_index, box.width / box.height
            if not emerging and not is_cut_off(box, image):
                gain = self._gain(track, box, frame_index)
                if gain > 0:
                    gains.append((gain, -box.track_id, box, track))
        gains.sort(key=lambda item: item[:2], reverse=True)
        chosen = gains[: self._budget.allowed(frame_index)]
        for _, _, box, track in chosen:
            self._read(image, box, track, frame_index)
        self._budget.spend(len(chosen))
        self._started = True
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

    def _carries_text(self, box: Detection) -> bool:
        params = self._params
        return box.height >= params.min_height and (
            params.labels is None or box.label in params.labels
        )

    def _warn_of_whitelist(self, text: str, label: str | None) -> None:
        if self._is_warned:
            return
        self._is_warned = True
        logger.warning(
            "read_tracks: %r was read on a %s, and none of it is in the whitelist %r; "
            'with "whitelist": "" all characters can be read',
            text,
            label or "thing",
            self._params.characters,
        )

    def _gain(self, track: _TrackText, box: Detection, frame_index: int) -> float:
        """Say how much a reading of this track is worth now; 0 for nothing."""
        if not len(track.vote):
            return 10 + box.height
        outcome = track.outcome
        better = _view(box) / max(track.vote.best_view, _LEAST_VIEW)
        if self._is_settled(outcome):
            return better if better > _MUCH_BETTER_VIEW else 0.0
        if frame_index < track.next_look and better < _BETTER_VIEW:
            return 0.0
        return 2 + box.height / (1 + len(track.vote)) * (1 - outcome.score)

    def _is_settled(self, outcome: Outcome) -> bool:
        params = self._params
        return (
            outcome.score >= params.min_text_score
            and outcome.support >= params.sure_support
            and outcome.support >= _CLEAR_MAJORITY * outcome.opposition
        )

    def _read(self, image: Any, box: Detection, track: _TrackText, frame_index: int) -> None:
        preparation = PREPARATIONS[len(track.vote) % len(PREPARATIONS)]
        crop = prepare(image, box, preparation, self._params.margin)
        reading = NOTHING
        if crop is not None:
            reading = self._engine.read_line(crop, self._params.characters)
            if reading.unlisted:
                self._warn_of_whitelist(reading.unlisted, box.label)
            reading = trimmed(reading, _EDGE_MARKS)
        track.vote.add(reading, _view(box))
        track.outcome = track.vote.outcome()
        # A like view reads alike: a text that is shown can wait to be confirmed by another, and
        # what does not read is left alone for longer and longer.
        shown = track.outcome.score >= self._params.min_text_score
        fruitless = max(len(track.vote) - len(PREPARATIONS), 0)
        track.next_look = frame_index + (_CONFIRM_AFTER_FRAMES if shown else 1) + 3 * fruitless


def _is_emerging(track: _TrackText, box: Detection) -> bool:
    """Say whether more and more of the box comes out from behind something."""
    return box.width / box.height > _EMERGING * track.last_aspect


def _view(box: Detection) -> float:
    """Say how well a text is seen: how large, how much of its length, in how sure a box."""
    sureness = 1.0 if box.score is None else box.score
    return sureness * min(box.height, _FULL_HEIGHT_PX) * (box.width / box.height) ** 2
