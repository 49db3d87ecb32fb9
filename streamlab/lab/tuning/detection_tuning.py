"""`DetectionTuning`: recorded detections and texts, filtered by their scores; no widgets."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from streamlab.accuracy import DetectionScores
from streamlab.accuracy.evaluation_set import check_share
from streamlab.charts.queries import session_frames
from streamlab.errors import OptionError, RecordingError

if TYPE_CHECKING:
    from streamlab.lab.recording import Recording
    from streamlab.media.truth import Truth

ACCURACY = ("precision", "recall", "f1", "tp", "fp", "fn")
TEXTS = ("texts_right", "texts_wrong", "texts_unread")


class DetectionTuning:
    """The answers of a session at a score threshold and a minimum text confidence.

    `set` changes them and the selected frame, a `frame_index`. `scores` is None if there is no
    truth; `no_scores_reason` is the reason.
    """

    def __init__(
        self, recording: "Recording", truth: "Truth | None" = None, session: int = 0
    ) -> None:
        self.recording = recording
        self.session = session
        rows = session_frames(recording, session)
        self.frames: list[int] = rows["frame_index"].tolist()
        self.video_frames: list[int] = rows["video_frame"].tolist()
        self._answers = [recording.result(frame, session) for frame in self.frames]
        self._check()
        things = [d for a in self._answers if a for d in a.get("detections", ())]
        self._score = np.array([score_of(thing) for thing in things])
        self._text_score = np.array([text_score_of(thing) for thing in things])
        self.least_score = float(self._score.min(initial=1.0))
        read = self._text_score[self._text_score >= 0]
        self.has_texts = bool(len(read))
        self.least_text_score = float(read.min(initial=1.0)) if self.has_texts else 0.0
        self.scores, self.no_scores_reason = self._scores(truth)
        self.settings: dict[str, Any] = {
            "score_threshold": _under(self.least_score),
            "min_text_score": _under(self.least_text_score),
            "frame": self._notable_frame(),
        }
        self.start = dict(self.settings)
        self.left_out = ""
        """A sentence about frames that cannot be selected; empty if all can."""

    def limit_video_frames(self, count: int) -> None:
        """Restrict the selectable frames to those of the first `count` frames of the video."""
        kept = [n for n, shown in enumerate(self.video_frames) if shown < count]
        if len(kept) == len(self.frames):
            return
        self.left_out = f"Frames up to {self.frames[kept[-1]]} can be looked at, all are counted. "
        self.frames = [self.frames[n] for n in kept]
        self.video_frames = [self.video_frames[n] for n in kept]
        self._answers = [self._answers[n] for n in kept]
        self.settings["frame"] = self.start["frame"] = self._notable_frame()

    def set(self, **changes: Any) -> bool:
        """Change settings by name and return whether anything changed; raises `OptionError`."""
        for name, value in changes.items():
            if name == "frame":
                if isinstance(value, bool) or value not in self.frames:
                    there = f"{self.frames[0]} to {self.frames[-1]}"
                    raise OptionError(name, value, f"no such frame was recorded; there are {there}")
            elif name in self.settings:
                check_share(name, value)
            else:
                raise OptionError(
                    name, value, f"no such setting; there are: {_names(self.settings)}"
                )
        made = {**self.settings, **changes}
        if made == self.settings:
            return False
        self.settings = made
        return True

    @property
    def place(self) -> int:
        """The position in `frames` of the selected frame."""
        return self.frames.index(self.settings["frame"])

    @property
    def answered_place(self) -> int | None:
        """The position of the latest answered frame up to the selected one; None if none is."""
        known = (n for n in range(self.place, -1, -1) if self._answers[n] is not None)
        return next(known, None)

    @property
    def result(self) -> dict[str, Any] | None:
        """The answer shown, detections and texts under the thresholds removed; None before any."""
        place = self.answered_place
        answer = None if place is None else self._answers[place]
        return None if answer is None else self._filtered(answer)

    @property
    def figures(self) -> dict[str, Any]:
        """Accuracy if there is a truth, and the numbers of detections and texts shown."""
        threshold, least = self.settings["score_threshold"], self.settings["min_text_score"]
        shown = self._score >= threshold
        figures: dict[str, Any] = {
            "detections": int(shown.sum()),
            "texts": int((shown & (self._text_score >= max(least, 0.0))).sum()),
            "here": len((self.result or {}).get("detections", ())),
        }
        if self.scores is not None:
            outcome = self.scores.at(threshold, least)
            figures |= {name: getattr(outcome, name) for name in (*ACCURACY, *TEXTS)}
        return figures

    def _filtered(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        threshold, least = self.settings["score_threshold"], self.settings["min_text_score"]
        kept = []
        for thing in answer.get("detections", ()):
            if score_of(thing) < threshold:
                continue
            if text_score_of(thing) < least:
                thing = {n: v for n, v in thing.items() if n not in ("text", "text_score")}
            kept.append(dict(thing))
        return {**answer, "detections": kept}

    def _check(self) -> None:
        name = str(self.recording.info.get("video", "this recording"))
        answers = [answer for answer in self._answers if answer is not None]
        if not answers:
            raise RecordingError(name, f"session {self.session} has no answer to look at")
        if not any("detections" in answer for answer in answers):
            pipeline = self.recording.info.get("pipeline_id", "?")
            raise RecordingError(
                name, f"the answers of the pipeline {pipeline!r} have no detections"
            )

    def _scores(self, truth: "Truth | None") -> tuple[DetectionScores | None, str]:
        if truth is not None:
            return DetectionScores(self.recording, truth, session=self.session), ""
        try:
            return DetectionScores(self.recording, session=self.session), ""
        except RecordingError as error:
            return None, f"No precision and recall: {error.problem}."

    def _notable_frame(self) -> int:
        """Return the middle one of the frames with the most texts, or else detections."""
        wealth = [
            0 if a is None else sum(1 + ("text" in d) for d in a.get("detections", ()))
            for a in self._answers
        ]
        best = [n for n, count in enumerate(wealth) if count == max(wealth)]
        return self.frames[best[len(best) // 2]]


def score_of(thing: Mapping[str, Any]) -> float:
    """Return the score of a detection, 1 if it has none."""
    return float(thing.get("score", 1.0))


def text_score_of(thing: Mapping[str, Any]) -> float:
    """Return the score of a detection's text, 1 if it has none, -1 without a text."""
    return float(thing.get("text_score", 1.0)) if thing.get("text") else -1.0


def _under(score: float) -> float:
    """Return a score rounded down to a twentieth: a threshold that keeps all recorded values."""
    return round(int(score * 20) / 20, 2)


def _names(settings: Mapping[str, Any]) -> str:
    return ", ".join(settings)
