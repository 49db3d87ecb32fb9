"""What the measures of accuracy can be asked, for type checkers; each function has the defaults."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypedDict

from streamlab.media.truth import Truth

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class TruthOptions(TypedDict, total=False):
    """What is true; without it, the truth of the recorded video is taken."""

    truth: Truth | None


class BoxOptions(TruthOptions, total=False):
    """Which boxes count."""

    labels: Iterable[str] | None


class MetricsOptions(BoxOptions, total=False):
    """Options of `detection_metrics`."""

    score_thresholds: Iterable[float]
    iou_threshold: float
    session: int | None


class AverageOptions(BoxOptions, total=False):
    """Options of `average_precision`."""

    iou_thresholds: Iterable[float]
    session: int | None


class TextOptions(TruthOptions, total=False):
    """Options of `text_metrics`."""

    session: int
    min_legible_frames: int


class StreamingOptions(BoxOptions, total=False):
    """Options of `streaming_accuracy`."""

    session: int
    score_threshold: float
    iou_threshold: float


class CurveOptions(BoxOptions, total=False):
    """Options of `precision_recall_curve`."""

    iou_threshold: float
    ax: "Axes | None"
