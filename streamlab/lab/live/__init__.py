"""The live view in a notebook: the browser streams, the notebook has its recording and settings."""

from .view import LiveView

__all__ = ["LiveView"]
