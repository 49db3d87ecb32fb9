"""Accuracy as the viewer experiences it: detections and texts of a recording beside the truth."""

from .averages import COCO_IOU_THRESHOLDS, average_precision
from .detection import detection_metrics
from .matched import Counts
from .scores import DetectionScores, Outcome
from .streaming import StreamingAccuracy, streaming_accuracy
from .sweeps import accuracy_against, accuracy_by_score
from .texts import text_metrics

__all__ = [
    "COCO_IOU_THRESHOLDS",
    "Counts",
    "DetectionScores",
    "Outcome",
    "StreamingAccuracy",
    "accuracy_against",
    "accuracy_by_score",
    "average_precision",
    "detection_metrics",
    "streaming_accuracy",
    "text_metrics",
]
