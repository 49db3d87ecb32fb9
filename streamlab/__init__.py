"""streamlab: a lab bench for live video analysis.

Importing it loads neither Jupyter nor torch nor matplotlib; what is named here is loaded on use.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

try:
    __version__ = version("jupyter-streamlab")
except PackageNotFoundError:
    __version__ = "0"

if TYPE_CHECKING:
    from .lab.bench import Lab
    from .lab.connecting import connect
    from .lab.live.view import LiveView
    from .lab.recording import Recording
    from .lab.trace import Trace
    from .pipelines.dag import DagPipelineService
    from .pipelines.registry import PipelineRegistry
    from .pipelines.video import VideoFilePipelineService
    from .server.connections import ConnectionManager
    from .server.service import StreamService
    from .sessions.backpressure import Backpressure, BackpressureSettings
    from .sessions.manager import SessionManager
    from .settings import Settings
    from .tools.detection import Classification, Detection
    from .tools.function import tool
    from .tools.shapes import Line, Mask, Polygon, Text
    from .tools.tool import Tool

_HOMES = {
    "Backpressure": "sessions.backpressure",
    "BackpressureSettings": "sessions.backpressure",
    "Classification": "tools.detection",
    "ConnectionManager": "server.connections",
    "DagPipelineService": "pipelines.dag",
    "Detection": "tools.detection",
    "Lab": "lab.bench",
    "Line": "tools.shapes",
    "LiveView": "lab.live.view",
    "Mask": "tools.shapes",
    "PipelineRegistry": "pipelines.registry",
    "Polygon": "tools.shapes",
    "Recording": "lab.recording",
    "SessionManager": "sessions.manager",
    "Settings": "settings",
    "StreamService": "server.service",
    "Text": "tools.shapes",
    "Tool": "tools.tool",
    "Trace": "lab.trace",
    "VideoFilePipelineService": "pipelines.video",
    "connect": "lab.connecting",
    "tool": "tools.function",
}

__all__ = [
    "Backpressure",
    "BackpressureSettings",
    "Classification",
    "ConnectionManager",
    "DagPipelineService",
    "Detection",
    "Lab",
    "Line",
    "LiveView",
    "Mask",
    "PipelineRegistry",
    "Polygon",
    "Recording",
    "SessionManager",
    "Settings",
    "StreamService",
    "Text",
    "Tool",
    "Trace",
    "VideoFilePipelineService",
    "__version__",
    "connect",
    "lab",
    "tool",
]


def __getattr__(name: str) -> Any:
    if name == "lab":
        return import_module(".lab", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module 'streamlab' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
