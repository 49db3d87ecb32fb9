"""The lab: record sessions, look at them, replay them under other settings, and choose.

accuracy            Accuracy of a recording against ground truth: by frame, and as the viewer
                    experiences it.
accuracy_against    Return a row of accuracy and latency for each recording or replay, by swept
                    value.
average_precision   Return COCO's 101-point interpolated AP, a row for each IoU threshold and
                    label, and `all`.
breaking_points     Return, for each number of workers, the most sessions within a latency and a
                    drop rate.
capacity            Replay a trace for every number of sessions on every number of workers, a
                    row each.
compare             Compare pipelines on a video; as `Lab.compare`, with a server found or
                    started.
Comparison          Recordings of the same frames, by pipeline, and how far their answers agree.
connect             Return a `Lab` for the server at `url`, this kernel's Jupyter server, or one
                    it starts.
detection_metrics   Return precision, recall and F1, a row for each label and score threshold,
                    and for `all`.
DetectionScores     Detections and texts of a recording, matched with the truth once for all
                    score thresholds.
Lab                 A server to stream to, and what can be learned from it; a context manager.
LiveView            A live view: webcam, sample or file, streamed by the browser straight to the
                    server.
measure             Return a trace to predict from; as `Lab.measure`, with a server found or
                    started.
pareto              Return the Pareto front of a sweep: the rows that no other row dominates.
recommend           Return the setting of a sweep that is best in `objective` within the
                    `constraints`.
Recommendation      Settings, the figures expected of them from a replay, and the reason in one
                    sentence.
Recording           Every frame of a run: when it was due, sent, received and answered, and its
                    outcome.
ReplaySettings      What a replayed session decides by; the settings that a served one has, with
                    a `policy`.
stream              Stream a video and return the recording; as `Lab.stream`, with a server
                    found or started.
streaming_accuracy  Score, at each moment of the video, the latest available answer against that
                    moment's truth.
sweep               Replay a trace under every setting of a grid and return a tidy table, one
                    row per setting.
text_metrics        Return the text read of each legible real track, and when it was read, one
                    row per track.
Trace               Arrivals, sizes and service times of a recording, ready to be run under
                    other settings.
tune                Return a panel of sliders over a replay of a trace, which a notebook shows.
tune_detection      Return a panel of sliders over the recorded detections and texts of a
                    session.

What is named here is loaded on use, so that a server or a command loads no pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamlab.moved import new_address

if TYPE_CHECKING:
    from streamlab import accuracy
    from streamlab.accuracy import (
        DetectionScores,
        accuracy_against,
        average_precision,
        detection_metrics,
        streaming_accuracy,
        text_metrics,
    )
    from streamlab.lab.comparison import Comparison
    from streamlab.lab.connection import connect
    from streamlab.lab.default_lab import compare, measure, stream
    from streamlab.lab.lab import Lab
    from streamlab.lab.live.view import LiveView
    from streamlab.lab.recording import Recording
    from streamlab.lab.tuning import tune, tune_detection
    from streamlab.replay.capacity import breaking_points, capacity
    from streamlab.replay.policies import ReplaySettings
    from streamlab.replay.recommend import Recommendation, pareto, recommend
    from streamlab.replay.sweep import sweep
    from streamlab.replay.trace import Trace

_HOMES = {
    "Comparison": "streamlab.lab.comparison",
    "DetectionScores": "streamlab.accuracy",
    "Lab": "streamlab.lab.lab",
    "LiveView": "streamlab.lab.live.view",
    "Recommendation": "streamlab.replay.recommend",
    "Recording": "streamlab.lab.recording",
    "ReplaySettings": "streamlab.replay.policies",
    "Trace": "streamlab.replay.trace",
    "accuracy_against": "streamlab.accuracy",
    "average_precision": "streamlab.accuracy",
    "breaking_points": "streamlab.replay.capacity",
    "capacity": "streamlab.replay.capacity",
    "compare": "streamlab.lab.default_lab",
    "connect": "streamlab.lab.connection",
    "detection_metrics": "streamlab.accuracy",
    "measure": "streamlab.lab.default_lab",
    "pareto": "streamlab.replay.recommend",
    "recommend": "streamlab.replay.recommend",
    "stream": "streamlab.lab.default_lab",
    "streaming_accuracy": "streamlab.accuracy",
    "sweep": "streamlab.replay.sweep",
    "text_metrics": "streamlab.accuracy",
    "tune": "streamlab.lab.tuning",
    "tune_detection": "streamlab.lab.tuning",
}

__all__ = [
    "Comparison",
    "DetectionScores",
    "Lab",
    "LiveView",
    "Recommendation",
    "Recording",
    "ReplaySettings",
    "Trace",
    "accuracy",
    "accuracy_against",
    "average_precision",
    "breaking_points",
    "capacity",
    "compare",
    "connect",
    "detection_metrics",
    "measure",
    "pareto",
    "recommend",
    "stream",
    "streaming_accuracy",
    "sweep",
    "text_metrics",
    "tune",
    "tune_detection",
]


def __getattr__(name: str) -> Any:
    if name == "accuracy":
        return import_module("streamlab.accuracy")
    if name not in _HOMES:
        if new_address(f"{__name__}.{name}"):
            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module 'streamlab.lab' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
