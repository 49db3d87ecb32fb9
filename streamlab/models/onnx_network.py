"""Detection networks in ONNX files, as Ultralytics exports them, run by onnxruntime."""

import ast
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from streamlab.errors import ToolUnavailableError
from streamlab.models.network import InputSize

_DTYPES: dict[str, type[np.floating[Any]]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
}


class OnnxNetwork:
    """An ONNX file in an onnxruntime session on the CPU; see `Network`.

    `image_size` (height, width, pixels) is for files exported with a dynamic size; others have
    their own. Raises `ToolUnavailableError` for a file that holds no detection network, and for a
    size that it cannot run at.
    """

    def __init__(
        self, path: Path, image_size: int | tuple[int, ...] | None = None, threads: int = 1
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Spinning threads take the cores from the other sessions' frames.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's errors share no base class of their own
            reason = str(error).splitlines()[0]
            raise ToolUnavailableError(f"{path}: not a usable ONNX file: {reason}") from error
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.names = _names(path, metadata)
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or inputs[0].type not in _DTYPES or len(inputs[0].shape) != 4:
            raise ToolUnavailableError(f"{path}: takes no image of shape (1, 3, height, width)")
        self._input = inputs[0].name
        self.dtype = _DTYPES[inputs[0].type]
        self.size = _size(path, inputs[0].shape[2:], metadata, image_size)

    def run(self, tensor: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return the output (1, ...) for an input (1, 3, height, width), RGB, 0 to 1."""
        output: np.ndarray[Any, Any] = self._session.run(None, {self._input: tensor})[0]
        return output


def _names(path: Path, metadata: dict[str, str]) -> dict[int, str]:
    task = metadata.get("task")
    if task is None or "names" not in metadata:
        raise ToolUnavailableError(f"{path}: not exported by Ultralytics: no task and names in it")
    if task != "detect":
        raise ToolUnavailableError(f"{path}: a model for the task {task!r}; detect is needed")
    try:
        names = ast.literal_eval(metadata["names"])
        return {int(index): str(name) for index, name in names.items()}
    except (ValueError, SyntaxError, AttributeError) as error:
        raise ToolUnavailableError(f"{path}: its names of classes cannot be read") from error


def _size(
    path: Path,
    shape: list[int | str],
    metadata: dict[str, str],
    image_size: int | tuple[int, ...] | None,
) -> InputSize:
    stride = int(metadata.get("stride", "32"))
    if not all(isinstance(side, int) for side in shape):
        own = ast.literal_eval(metadata.get("imgsz", "[640, 640]"))
        return InputSize.chosen(image_size, tuple(own), stride)
    size = InputSize(int(shape[0]), int(shape[1]), stride, trims=False)
    asked = InputSize.chosen(image_size, (size.height, size.width), stride)
    if asked[:2] != size[:2]:
        raise ToolUnavailableError(
            f"{path}: exported for {size.height}x{size.width} alone; leave image_size out, "
            "or export it with dynamic=True"
        )
    return size
