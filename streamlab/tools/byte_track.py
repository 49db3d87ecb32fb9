"""ByteTrack: which detections of a session are the same thing."""

from typing import Any, NamedTuple

import numpy as np

from streamlab.tools.association import match, overlap
from streamlab.tools.detection import Detection
from streamlab.tools.motion import Motion

Array = np.ndarray[Any, Any]


class TrackRules(NamedTuple):
    """Scores are those of detections, 0 to 1; overlaps are IoU; see `TrackParams`."""

    high_score: float
    low_score: float
    new_score: float
    sure_score: float
    min_overlap: float
    min_low_overlap: float
    duplicate_overlap: float
    max_lost_frames: int


_BUFFER = 0.15
_BUFFER_PER_MISSED_FRAME = 0.1
_BUFFER_UNKNOWN_VELOCITY = 0.35
_MAX_BUFFER = 1.0


class _Track:
    def __init__(self, label: str | None, corners: Array, frame_index: int) -> None:
        self.label = label
        self.motion = Motion(corners)
        self.id: int | None = None
        self.last_seen = frame_index
        self.hits = 1

    def buffer(self, frames: int) -> float:
        """How far from the expected place it may be: more after a gap, most before it moved."""
        if self.hits == 1:
            return min(_BUFFER_UNKNOWN_VELOCITY * (1 + frames) / 2, _MAX_BUFFER)
        return min(_BUFFER + _BUFFER_PER_MISSED_FRAME * (frames - 1), _MAX_BUFFER)


class ByteTracker:
    """Gives the detections of one session's frames their track ids, from 1 up.

    Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", ECCV
    2022: sure detections are matched first, then the tracks still missing take the unsure ones,
    which only start no track of their own. Motion is `Motion`, scaled by the frames between two
    detections, so that dropped frames do not break a track; matching is by label, and greedy.
    """

    def __init__(self, rules: TrackRules) -> None:
        self._rules = rules
        self._tracks: list[_Track] = []
        self._last_id = 0

    def update(self, detections: list[Detection], frame_index: int) -> list[Detection]:
        """Return this frame's `detections` with their `track_id`, in the order they came in.

        A new thing has none until it is seen twice, or is sure at once. Unsure detections that
        belong to no track are left out, and so are second boxes on the same thing.
        """
        rules = self._rules
        usable = [d for d in detections if _score(d) >= rules.low_score]
        # Identity must not hang on the order in which a model lists what it found.
        order = sorted(range(len(usable)), key=lambda i: _rank(usable[i]))
        found = [usable[i] for i in order]
        boxes = np.array([[d.x, d.y, d.x + d.width, d.y + d.height] for d in found]).reshape(-1, 4)
        self._forget(frame_index)
        owners: list[_Track | None] = [None] * len(found)

        high = [i for i, d in enumerate(found) if _score(d) >= rules.high_score]
        low = [i for i, d in enumerate(found) if _score(d) < rules.high_score]
        known = [t for t in self._tracks if t.id is not None]
        self._assign(known, high, found, boxes, owners, frame_index, rules.min_overlap)
        missing = [t for t in known if t not in owners and frame_index - t.last_seen <= 6]
        self._assign(missing, low, found, boxes, owners, frame_index, rules.min_low_overlap)
        tentative = [t for t in self._tracks if t.id is None]
        rest = [i for i in high if owners[i] is None]
        self._assign(tentative, rest, found, boxes, owners, frame_index, rules.min_overlap)

        dropped = self._start(found, boxes, owners, frame_index)
        shown: list[tuple[int, Detection]] = []
        for i, detection in enumerate(found):
            owner = owners[i]
            if owner is None or i in dropped:
                continue
            copy = Detection(
                detection.x, detection.y, detection.width, detection.height,
                label=detection.label, score=detection.score, track_id=owner.id,
                text=detection.text, text_score=detection.text_score,
            )  # fmt: skip
            shown.append((order[i], copy))
        return [copy for _, copy in sorted(shown, key=lambda pair: pair[0])]

    def _assign(
        self,
        tracks: list[_Track],
        indices: list[int],
        found: list[Detection],
        boxes: Array,
        owners: list[_Track | None],
        frame_index: int,
        least: float,
    ) -> None:
        if not tracks or not indices:
            return
        frames = [max(frame_index - t.last_seen, 1) for t in tracks]
        expected = np.stack([t.motion.ahead(n) for t, n in zip(tracks, frames, strict=True)])
        buffers = np.array([t.buffer(n) for t, n in zip(tracks, frames, strict=True)])
        similarity = overlap(expected, boxes[indices], buffers)
        labels = [found[i].label for i in indices]
        similarity *= np.array([[t.label == label for label in labels] for t in tracks])
        for row, column in match(similarity, least):
            track, index = tracks[row], indices[column]
            owners[index] = track
            track.motion.measure(boxes[index], frames[row])
            track.last_seen = frame_index
            track.hits += 1
            if track.id is None:
                track.id = self._next_id()

    def _start(
        self, found: list[Detection], boxes: Array, owners: list[_Track | None], frame_index: int
    ) -> set[int]:
        """Start tracks from what is left; return the indices of second boxes on known things."""
        dropped: set[int] = set()
        for i, detection in enumerate(found):
            if owners[i] is not None or _score(detection) < self._rules.high_score:
                continue
            same = [j for j, t in enumerate(owners) if t is not None and t.label == detection.label]
            if same and overlap(boxes[[i]], boxes[same]).max() >= self._rules.duplicate_overlap:
                dropped.add(i)
                continue
            if _score(detection) < self._rules.new_score:
                continue
            track = _Track(detection.label, boxes[i], frame_index)
            if _score(detection) >= self._rules.sure_score:
                track.id = self._next_id()
            self._tracks.append(track)
            owners[i] = track
        return dropped

    def _forget(self, frame_index: int) -> None:
        oldest = frame_index - self._rules.max_lost_frames
        # What was seen once and not again is noise, unless frames were dropped in between.
        self._tracks = [
            t for t in self._tracks
            if t.last_seen >= (oldest if t.id is not None else frame_index - _MAX_TENTATIVE_FRAMES)
        ]  # fmt: skip

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id


_MAX_TENTATIVE_FRAMES = 8


def _score(detection: Detection) -> float:
    return 1.0 if detection.score is None else detection.score


def _rank(detection: Detection) -> tuple[float, float, float, float, float, str]:
    d = detection
    return (-_score(d), d.x, d.y, d.width, d.height, d.label or "")
