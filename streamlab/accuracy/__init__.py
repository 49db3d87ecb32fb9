"""Accuracy of a recording against ground truth: by frame, and as the viewer experiences it."""

from streamlab.accuracy.coco_ap import COCO_IOU_THRESHOLDS, average_precision
from streamlab.accuracy.detection import detection_metrics
from streamlab.accuracy.matched_detections import Counts
from streamlab.accuracy.scores import DetectionScores, Outcome
from streamlab.accuracy.streaming import StreamingAccuracy, streaming_accuracy
from streamlab.accuracy.sweeps import accuracy_against, accuracy_by_score
from streamlab.accuracy.texts import text_metrics

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
