"""The interface of an engine: what runs an ONNX file."""

from typing import Protocol

from streamlab.models.network import Array
from streamlab.models.onnx_file import OnnxFile


class Engine(Protocol):
    """An ONNX file that is loaded; `run` may be called from several threads at once."""

    @property
    def device(self) -> str:
        """What it runs on."""

    @property
    def file(self) -> OnnxFile:
        """What the file says of itself."""

    def run(self, tensor: Array) -> list[Array]:
        """Return all outputs for the one input."""
