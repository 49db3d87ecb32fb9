"""The lab: record sessions, look at them, replay them under other settings, and choose.

What is named here is loaded on use, so that a server or a command loads no pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .connect import Lab, connect
    from .recording import Recording
    from .trace import Trace

_HOMES = {
    "Lab": "connect",
    "Recording": "recording",
    "Trace": "trace",
    "connect": "connect",
}

__all__ = ["Lab", "Recording", "Trace", "connect"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'streamlab.lab' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
