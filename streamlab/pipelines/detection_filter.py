"""`DetectionFilter`: which of the things that a pipeline finds a session wants."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from streamlab.declaration import Setting, Slider
from streamlab.errors import OptionError
from streamlab.kinds import Number, Texts

MAX_LABELS = 256
MAX_LABEL_LENGTH = 100

LABELS_ALLOWED = (
    f"1 to {MAX_LABELS} names of labels are allowed, each of 1 to {MAX_LABEL_LENGTH} characters"
)


class DetectionFilter(msgspec.Struct, frozen=True, omit_defaults=True):
    """Keeps the detections of a least score and of certain labels; by default, all of them.

    >>> DetectionFilter(labels=("plate",)).apply([{"label": "plate"}, {"label": "vehicle"}])
    [{'label': 'plate'}]

    What it is given may be `Detection` structs, mappings, or any objects with these fields, and is
    handed on as it is. The model's own threshold stays as it is, so a `min_score` under it changes
    nothing.
    """

    min_score: float = 0.0
    """The least score, 0 to 1. Detections without a score always pass."""
    labels: tuple[str, ...] | None = None
    """The labels that pass; None for all. A detection without a label is none of them."""

    @classmethod
    def of(cls, min_score: object = 0.0, labels: object = None) -> "DetectionFilter":
        """Return a filter of values that a user or client gave; raises `OptionError`."""
        try:
            score = float(FILTER_SETTINGS["min_score"].check(min_score))
        except ValueError as error:
            raise OptionError("min_score", min_score, str(error)) from None
        return cls(score, _checked_labels(labels))

    @property
    def keeps_all(self) -> bool:
        """Whether every detection passes."""
        return not self.min_score and self.labels is None

    def apply(self, detections: Iterable[Any]) -> Iterable[Any]:
        """Return the detections that pass, in their order; a filter that keeps all copies none."""
        if self.keeps_all:
            return detections
        return [detection for detection in detections if self.keeps(detection)]

    def keeps(self, detection: Any) -> bool:
        """Say whether a detection passes."""
        score = _field(detection, "score")
        # written so that a score of NaN does not pass
        if self.min_score and score is not None and not score >= self.min_score:
            return False
        return self.labels is None or _field(detection, "label") in self.labels


ALL_DETECTIONS = DetectionFilter()
"""The filter of a session without one."""

FILTER_SETTINGS = {
    "min_score": Setting(
        Number(0, 1),
        "detections with a lower score are left out; 0 leaves it to the pipeline",
        label="Score threshold",
        slider=Slider(0, 1, 0.01),
        name="min_score",
        default=ALL_DETECTIONS.min_score,
    ),
    "labels": Setting(
        Texts(LABELS_ALLOWED),
        "the only labels of what is found",
        label="Labels",
        unset="all",
        flag="--label",
        name="labels",
        default=ALL_DETECTIONS.labels,
    ),
}
"""The settings of a session that make its filter, by name."""
FILTER_NAMES: tuple[str, ...] = tuple(FILTER_SETTINGS)


def _field(detection: Any, name: str) -> Any:
    if isinstance(detection, Mapping):
        return detection.get(name)
    return getattr(detection, name, None)


def _checked_labels(labels: object) -> tuple[str, ...] | None:
    if labels is None:
        return None
    if not isinstance(labels, list | tuple):
        raise OptionError("labels", labels, "a list of names, or None for all labels, is allowed")
    for label in labels:
        if not isinstance(label, str) or not 1 <= len(label) <= MAX_LABEL_LENGTH:
            raise OptionError("labels", label, LABELS_ALLOWED)
    if not 1 <= len(labels) <= MAX_LABELS:
        raise OptionError("labels", f"{len(labels)} names", LABELS_ALLOWED)
    return tuple(dict.fromkeys(labels))
