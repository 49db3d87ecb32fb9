"""streamlab: a lab bench for live video analysis.

Importing it loads neither Jupyter nor torch nor matplotlib; what is named here is loaded on use.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

try:
    __version__ = version("streamlab")
except PackageNotFoundError:
    __version__ = "0"

if TYPE_CHECKING:
    from .pipelines.dag import DagPipelineService
    from .pipelines.registry import PipelineRegistry
    from .pipelines.video import VideoFilePipelineService
    from .server.connections import ConnectionManager
    from .server.service import StreamService
    from .sessions.backpressure import Backpressure, BackpressureSettings
    from .sessions.manager import SessionManager
    from .settings import Settings
    from .tools.detection import Detection
    from .tools.function import tool
    from .tools.tool import Tool

_HOMES = {
    "Backpressure": "sessions.backpressure",
    "BackpressureSettings": "sessions.backpressure",
    "ConnectionManager": "server.connections",
    "DagPipelineService": "pipelines.dag",
    "Detection": "tools.detection",
    "PipelineRegistry": "pipelines.registry",
    "SessionManager": "sessions.manager",
    "Settings": "settings",
    "StreamService": "server.service",
    "Tool": "tools.tool",
    "VideoFilePipelineService": "pipelines.video",
    "tool": "tools.function",
}

__all__ = [
    "Backpressure",
    "BackpressureSettings",
    "ConnectionManager",
    "DagPipelineService",
    "Detection",
    "PipelineRegistry",
    "SessionManager",
    "Settings",
    "StreamService",
    "Tool",
    "VideoFilePipelineService",
    "__version__",
    "tool",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'streamlab' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
