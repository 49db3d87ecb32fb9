"""The live view in a notebook: the browser streams, the kernel has its recording and settings."""

from streamlab.lab.live.view import LiveView

__all__ = ["LiveView"]
