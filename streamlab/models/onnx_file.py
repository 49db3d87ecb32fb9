"""What an ONNX file says of itself: inputs, outputs and metadata."""

from pathlib import Path
from typing import Any, NamedTuple

import onnxruntime

from streamlab.errors import ToolUnavailableError
from streamlab.models.network import Port


class OnnxFile(NamedTuple):
    """An ONNX file's ports and its metadata."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    metadata: dict[str, str]

    @classmethod
    def of(cls, session: onnxruntime.InferenceSession) -> "OnnxFile":
        """Read it off a session."""
        return cls(
            _ports(session.get_inputs()),
            _ports(session.get_outputs()),
            dict(session.get_modelmeta().custom_metadata_map),
        )

    @classmethod
    def read(cls, path: Path) -> "OnnxFile":
        """Read it off a file; raises `ToolUnavailableError` for what is no ONNX file."""
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = 1
        return cls.of(open_session(path, options, ["CPUExecutionProvider"]))

    def __str__(self) -> str:
        """Return the ports in words."""
        inputs, outputs = (", ".join(map(str, ports)) for ports in (self.inputs, self.outputs))
        return f"it takes {inputs or 'nothing'} and answers {outputs or 'nothing'}"


def open_session(
    path: Path, options: onnxruntime.SessionOptions, providers: list[str]
) -> onnxruntime.InferenceSession:
    """Open a file in onnxruntime; raises `ToolUnavailableError`, one line."""
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # onnxruntime's errors share no base class of their own
        reason = str(error).splitlines()[0]
        raise ToolUnavailableError(f"{path}: not a usable ONNX file: {reason}") from error


def _ports(arguments: Any) -> tuple[Port, ...]:
    return tuple(
        Port(a.name, tuple(a.shape), a.type.removeprefix("tensor(").removesuffix(")"))
        for a in arguments
    )
