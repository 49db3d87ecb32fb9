"""ByteTrack: which detections of a session are the same thing."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
import numpy as np

from streamlab.tools.association import match, overlap
from streamlab.tools.detection import Detection
from streamlab.tools.motion import Corners, Motion

_BUFFER = 0.1
_BUFFER_PER_MISSED_FRAME = 0.05
_MAX_BUFFER = 0.4
_BUFFER_BEFORE_IT_MOVED = 0.35
_MAX_BUFFER_BEFORE_IT_MOVED = 1.0
"""Shares of a box's mean side by which it is widened for matching; see `overlap`."""

_LOST_AFTER_FRAMES = 6
"""A thing unseen for longer is taken up again only by a sure detection, and last of all."""
_MIN_LOST_OVERLAP = 0.3
_MAX_TENTATIVE_FRAMES = 8
"""What was seen once and not again is noise, unless frames were dropped in between."""


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


class _Track:
    def __init__(self, label: str | None, corners: Corners, frame_index: int) -> None:
        self.label = label
        self.motion = Motion(corners)
        self.id: int | None = None
        self.last_seen = frame_index
        self.hits = 1

    def gap(self, frame_index: int) -> int:
        return max(frame_index - self.last_seen, 1)

    def buffer(self, frame_index: int) -> float:
        """How far from the expected place it may be: more after a gap, most before it moved."""
        missed = self.gap(frame_index) - 1
        if self.hits == 1 and missed < _MAX_TENTATIVE_FRAMES:
            return min(_BUFFER_BEFORE_IT_MOVED * (1 + missed / 2), _MAX_BUFFER_BEFORE_IT_MOVED)
        return min(_BUFFER + _BUFFER_PER_MISSED_FRAME * missed, _MAX_BUFFER)

    def continue_with(self, corners: Corners, frame_index: int) -> None:
        self.motion.measure(corners, self.gap(frame_index))
        self.last_seen = frame_index
        self.hits += 1


class _Frame:
    """One frame's detections while they are given their tracks."""

    def __init__(self, detections: list[Detection], frame_index: int, same: float) -> None:
        # Identity must not hang on the order in which a model lists what it found.
        self.order = sorted(range(len(detections)), key=lambda i: _rank(detections[i]))
        self.found = [detections[i] for i in self.order]
        self.index = frame_index
        self.corners: list[Corners] = [
            (d.x, d.y, d.x + d.width, d.y + d.height) for d in self.found
        ]
        self.owners: list[_Track | None] = [None] * len(self.found)
        self._repeated = self._repeats(same)

    def free(self, least: float, below: float = 2.0) -> list[int]:
        """Return the detections without a track whose score is at least `least`."""
        return [
            i
            for i, d in enumerate(self.found)
            if self.owners[i] is None and i not in self._repeated and least <= _score(d) < below
        ]

    def assign(self, tracks: Iterable[_Track], detections: list[int], least: float) -> None:
        """Give `detections` to those of `tracks` that expect them."""
        waiting = [t for t in tracks if t not in self.owners]
        if not waiting or not detections:
            return
        expected = np.array([t.motion.ahead(t.gap(self.index)) for t in waiting])
        buffers = np.array([t.buffer(self.index) for t in waiting])
        similarity = overlap(expected, np.array([self.corners[i] for i in detections]), buffers)
        labels = [self.found[i].label for i in detections]
        similarity *= np.array([[t.label == label for label in labels] for t in waiting])
        for row, column in match(similarity, least):
            waiting[row].continue_with(self.corners[detections[column]], self.index)
            self.owners[detections[column]] = waiting[row]

    def _repeats(self, same: float) -> set[int]:
        """Return the detections that a surer one of their label overlaps by IoU `same`."""
        repeated: set[int] = set()
        if len(self.found) < 2:
            return repeated
        corners = np.array(self.corners)
        ious = overlap(corners, corners)
        for i, j in zip(*np.nonzero(np.triu(ious >= same, 1)), strict=True):
            if i not in repeated and self.found[i].label == self.found[j].label:
                repeated.add(int(j))
        return repeated

    def with_ids(self) -> list[Detection]:
        """Return the detections that have a track, in the order in which they came."""
        shown = sorted((self.order[i], i) for i, t in enumerate(self.owners) if t is not None)
        return [
            msgspec.structs.replace(self.found[i], track_id=owner.id)
            for _, i in shown
            if (owner := self.owners[i]) is not None
        ]


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
        frame = _Frame(usable, frame_index, rules.duplicate_overlap)
        self._forget(frame_index)
        known = [t for t in self._tracks if t.id is not None]
        recent = [t for t in known if t.gap(frame_index) <= _LOST_AFTER_FRAMES]
        frame.assign(recent, frame.free(rules.high_score), rules.min_overlap)
        frame.assign(recent, frame.free(0.0, rules.high_score), rules.min_low_overlap)
        tentative = [t for t in self._tracks if t.id is None]
        frame.assign(tentative, frame.free(rules.high_score), rules.min_overlap)
        frame.assign(known, frame.free(rules.high_score), _MIN_LOST_OVERLAP)
        for detection in frame.free(max(rules.high_score, rules.new_score)):
            self._start(frame, detection)
        for track in frame.owners:
            if track is not None and track.id is None and track.hits > 1:
                track.id = self._next_id()
        return frame.with_ids()

    def _start(self, frame: _Frame, detection: int) -> None:
        track = _Track(frame.found[detection].label, frame.corners[detection], frame.index)
        if _score(frame.found[detection]) >= self._rules.sure_score:
            track.id = self._next_id()
        self._tracks.append(track)
        frame.owners[detection] = track

    def _forget(self, frame_index: int) -> None:
        self._tracks = [
            t
            for t in self._tracks
            if frame_index - t.last_seen
            <= (_MAX_TENTATIVE_FRAMES if t.id is None else self._rules.max_lost_frames)
        ]

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id


def _score(detection: Detection) -> float:
    return 1.0 if detection.score is None else detection.score


def _rank(detection: Detection) -> tuple[float, float, float, float, float, str]:
    d = detection
    return (-_score(d), d.x, d.y, d.width, d.height, d.label or "")
