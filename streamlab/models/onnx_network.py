"""Networks in ONNX files: those that Ultralytics exports, and others with a description beside."""

from pathlib import Path
from typing import Any

import numpy as np

from streamlab.errors import ToolUnavailableError
from streamlab.models.description import ModelDescription, from_metadata
from streamlab.models.descriptor import descriptor_path, read_descriptor
from streamlab.models.engines import open_engine
from streamlab.models.network import Array, InputSize, Port
from streamlab.models.onnx_file import OnnxFile

_DTYPES: dict[str, type[np.floating[Any]]] = {"float": np.float32, "float16": np.float16}


class OnnxNetwork:
    """An ONNX file on one of the devices; see `Network`.

    `image_size` (height, width, pixels) is for files that take any size; others have their own.
    Without `threads`, each run takes as many as its frame may use.
    Raises `ToolUnavailableError` for a file that is not understood, a size that it cannot run at
    and a device that is not here.
    """

    def __init__(
        self,
        path: Path,
        image_size: int | tuple[int, ...] | None = None,
        threads: int | None = None,
        device: str | None = None,
    ) -> None:
        self._engine = open_engine(path, device, threads)
        self.device = self._engine.device
        file = self._engine.file
        self.description = describe(path, file)
        sides = _sides(file.inputs, self.description)
        if sides is None:
            raise ToolUnavailableError(
                f"{path}: {file}; one image is needed, float (1, 3, height, width)"
            )
        self.dtype = _DTYPES[file.inputs[0].dtype]
        self.size = _size(path, sides, self.description, image_size)
        self.output_names = tuple(port.name for port in file.outputs)

    def run(self, tensor: Array) -> list[Array]:
        """Return all outputs, each (1, ...), for one input."""
        return self._engine.run(tensor)


def describe(path: Path, file: OnnxFile) -> ModelDescription:
    """Return what is known of a file: from the description beside it, else from its metadata.

    Raises `ToolUnavailableError` where there is neither.
    """
    beside = descriptor_path(path)
    if beside.is_file():
        return read_descriptor(beside)
    if "task" in file.metadata and "names" in file.metadata:
        return from_metadata(path, file.metadata)
    raise ToolUnavailableError(
        f"{path}: not exported by Ultralytics (no task and names in it), so {beside.name} is "
        f"needed beside it, as docs/models.md describes; {file}"
    )


def _sides(inputs: tuple[Port, ...], description: ModelDescription) -> tuple[Any, Any] | None:
    """Return the height and width of the one image that is taken, `None` where that is not so."""
    if len(inputs) != 1 or inputs[0].dtype not in _DTYPES or len(inputs[0].shape) != 4:
        return None
    shape = inputs[0].shape
    channels, sides = (
        (shape[1], shape[2:]) if description.input.layout == "NCHW" else (shape[3], shape[1:3])
    )
    if isinstance(channels, int) and channels != 3:
        return None
    if isinstance(shape[0], int) and shape[0] != 1:
        return None
    return sides[0], sides[1]


def _size(
    path: Path,
    sides: tuple[Any, Any],
    description: ModelDescription,
    image_size: int | tuple[int, ...] | None,
) -> InputSize:
    stride = description.stride
    own = description.input.size or description.own_size
    if not all(isinstance(side, int) for side in sides):
        if description.task == "classify" or description.input.fit == "stretch":
            # nothing is padded, so there is nothing to trim
            return InputSize.chosen(image_size, own, stride)._replace(trims=False)
        return InputSize.chosen(image_size, own, stride)
    size = InputSize(sides[0], sides[1], stride, trims=False)
    asked = InputSize.chosen(image_size, (size.height, size.width), stride)
    if image_size is not None and asked[:2] != size[:2]:
        raise ToolUnavailableError(
            f"{path}: exported for {size.height}x{size.width} alone; leave image_size out, "
            "or export it with dynamic=True"
        )
    return size
