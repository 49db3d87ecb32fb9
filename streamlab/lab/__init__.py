"""The lab: record sessions, look at them, replay them under other settings, and choose.

What is named here is loaded on use, so that a server or a command loads no pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .accuracy import (
        DetectionScores,
        accuracy_against,
        average_precision,
        detection_metrics,
        streaming_accuracy,
        text_metrics,
    )
    from .bench import Lab
    from .capacities import breaking_points, capacity
    from .choose import Recommendation, pareto, recommend
    from .comparison import Comparison, compare
    from .connecting import connect
    from .default import measure, stream
    from .live.view import LiveView
    from .recording import Recording
    from .replay.policies import ReplaySettings
    from .sweeping import sweep
    from .trace import Trace
    from .tuning import tune, tune_detection

_HOMES = {
    "Comparison": "comparison",
    "DetectionScores": "accuracy",
    "Lab": "bench",
    "LiveView": "live.view",
    "Recommendation": "choose",
    "Recording": "recording",
    "ReplaySettings": "replay.policies",
    "Trace": "trace",
    "accuracy_against": "accuracy",
    "average_precision": "accuracy",
    "breaking_points": "capacities",
    "capacity": "capacities",
    "compare": "default",
    "connect": "connecting",
    "detection_metrics": "accuracy",
    "measure": "default",
    "pareto": "choose",
    "recommend": "choose",
    "stream": "default",
    "streaming_accuracy": "accuracy",
    "sweep": "sweeping",
    "text_metrics": "accuracy",
    "tune": "tuning",
    "tune_detection": "tuning",
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
    if name not in _HOMES:
        raise AttributeError(f"module 'streamlab.lab' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
