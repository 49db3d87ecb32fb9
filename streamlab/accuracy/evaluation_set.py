"""`EvaluationSet`: a recording's answers and the ground truth, validated and as arrays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from streamlab.accuracy.boxes import Boxes, Ints
from streamlab.errors import OptionError, RecordingError
from streamlab.media.truth import Truth

if TYPE_CHECKING:
    import pandas as pd

    from streamlab.recording.data import RecordingData

BOX_NEEDED = "label, x, y, width and height are needed"
ALL = "all"
"""Value of a `label` column for all labels together."""


@dataclass(frozen=True)
class EvaluationSet:
    """The answers of a recording's processed frames, in order, and the ground truth.

    `answers` has the rows of `recording.frames` that have an answer, `results` those answers;
    `detected` are their boxes in pixels of the video, one image per answer, and `real` those of the
    truth, one image per frame of the video. Both have boxes of `labels` only.
    """

    truth: Truth
    labels: tuple[str, ...]
    answers: "pd.DataFrame"
    results: Sequence[Mapping[str, Any]]
    detected: Boxes
    real: Boxes

    @classmethod
    def of(
        cls,
        recording: "RecordingData",
        truth: Truth | None,
        labels: Iterable[str] | None = None,
        session: int | None = None,
    ) -> "EvaluationSet":
        """Return the evaluation set of one session, or of all.

        Raises `RecordingError` if there is no truth, or the answers have no detections or none of
        a label that the truth has, and `OptionError` for an unknown session or label.
        """
        given, truth = truth, truth_of(recording, truth)
        answers, results = answers_of(recording, session)
        name = str(recording.info.get("video", "recording"))
        if results and not any("detections" in result for result in results):
            raise RecordingError(
                name,
                f"the answers of {pipeline_name(recording)} have no detections to be compared with "
                "the truth",
            )
        images = [result.get("detections", ()) for result in results]
        chosen = _labels(name, _labels_in(truth.frames), _labels_in(images), labels)
        _check_reach(name, given, truth, answers)
        try:
            detected = Boxes.of(images, chosen, recording.scale)
        except (KeyError, TypeError, ValueError) as error:
            problem = f"an answer has a detection that is no box: {error}; {BOX_NEEDED}"
            raise RecordingError(name, problem) from None
        return cls(truth, chosen, answers, results, detected, Boxes.of(truth.frames, chosen))

    @cached_property
    def video_frames(self) -> Ints:
        """The frame of the video of each answer; -1 where the truth has no such frame."""
        frames: Ints = self.answers["video_frame"].to_numpy(dtype=np.int64)
        return np.where(frames < len(self.truth.frames), frames, -1)

    @property
    def own_frames(self) -> tuple[Boxes, Boxes]:
        """The detections and real boxes of each answer's own frame, one image per answer."""
        known = np.flatnonzero(self.video_frames >= 0)
        return self.detected.take_images(known), self.real.take_images(self.video_frames[known])


TRUTH_ALLOWED = (
    "a Truth is needed, as recording.truth, Truth.of_video(path) or Truth(frames) of "
    "streamlab.samples gives it"
)


def _shown(value: object) -> object:
    """Return a short value itself, and the type of any other."""
    return value if isinstance(value, str | int | float) else type(value).__name__


def truth_of(recording: "RecordingData", truth: Truth | None) -> Truth:
    """Return the given truth, else that of the recorded video.

    Raises `OptionError` for a value that is no truth, and `RecordingError` if the video has none.
    """
    if not hasattr(recording, "frames"):
        raise OptionError("recording", recording, "a recording is needed")
    if truth is None:
        return recording.truth
    if not isinstance(truth, Truth):
        raise OptionError("truth", _shown(truth), TRUTH_ALLOWED)
    if problem := truth.problem():
        raise OptionError("truth", "Truth(...)", problem)
    return truth


def _check_reach(name: str, given: Truth | None, truth: Truth, answers: "pd.DataFrame") -> None:
    """Raise if the truth has none of the answered frames."""
    frames = answers["video_frame"]
    if not len(frames) or frames.min() < len(truth.frames):
        return
    problem = (
        f"no frame that was answered is in it: the truth has {len(truth.frames)} frames, the "
        f"answers are about frames {frames.min()} to {frames.max()} of the video"
    )
    if given is not None:
        raise OptionError("truth", given, problem)
    raise RecordingError(name, problem)


def answers_of(
    recording: "RecordingData", session: int | None
) -> tuple["pd.DataFrame", list[Mapping[str, Any]]]:
    """Return the rows of the frames that have an answer, in order, and the answers."""
    frames = recording.frames
    if session is not None:
        frames = frames[frames["session"] == check_session(recording, session)]
    frames = frames[frames["fate"] == "processed"].sort_values(["session", "frame_index"])
    results = [
        recording.result(index, of_session)
        for of_session, index in zip(frames["session"], frames["frame_index"], strict=True)
    ]
    has_one = np.array([result is not None for result in results], dtype=bool)
    return frames[has_one], [result for result in results if result is not None]


def check_session(recording: "RecordingData", session: int) -> int:
    """Return the session; raises `OptionError` if the recording has no such session."""
    known = sorted(recording.frames["session"].unique().tolist())
    if session not in known:
        there = ", ".join(map(str, known)) or "none"
        raise OptionError("session", session, f"the recording has no such session; it has: {there}")
    return session


def pipeline_name(recording: "RecordingData") -> str:
    """Return the pipeline's name for an error message."""
    return f"the pipeline {recording.info.get('pipeline_id', '?')!r}"


def check_share(name: str, value: float) -> float:
    """Return a number from 0 to 1; raises `OptionError` for anything else."""
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= 1:
        raise OptionError(name, value, "a number from 0 to 1 is allowed")
    return float(value)


def check_shares(name: str, values: Iterable[float]) -> list[float]:
    """Return numbers from 0 to 1, at least one; raises `OptionError`."""
    given: Any = values  # a notebook may have given anything
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise OptionError(name, values, "a list of numbers from 0 to 1 is allowed")
    checked = [check_share(name, value) for value in values]
    if not checked:
        raise OptionError(name, checked, "at least one number from 0 to 1 is needed")
    return checked


def _labels_in(images: Iterable[Iterable[Mapping[str, Any]]]) -> set[str]:
    return {thing["label"] for things in images for thing in things if "label" in thing}


def _labels(
    video: str, real: set[str], detected: set[str], wanted: Iterable[str] | None
) -> tuple[str, ...]:
    if wanted is not None:
        return _wanted(real | detected, wanted)
    # a truth without objects: every detection is a false positive
    chosen = real or detected
    if detected and not chosen & detected:
        raise RecordingError(
            video,
            f"the answers' labels ({_some(detected)}) and the truth's ({_some(real)}) have none in "
            "common",
        )
    return tuple(sorted(chosen))


def _wanted(known: set[str], wanted: Iterable[str]) -> tuple[str, ...]:
    there = f"there are: {_some(known)}"
    if isinstance(wanted, str) or not isinstance(wanted, Iterable):
        raise OptionError("labels", wanted, f"a list of labels is allowed; {there}")
    chosen = tuple(wanted)
    for label in chosen:
        if not isinstance(label, str) or label not in known:
            raise OptionError("labels", label, f"neither the truth nor an answer has it; {there}")
    if not chosen:
        raise OptionError("labels", [], f"at least one is needed; {there}")
    return tuple(dict.fromkeys(chosen))


def _some(labels: set[str], most: int = 8) -> str:
    shown = sorted(labels)[:most]
    more = len(labels) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "") or "none"
