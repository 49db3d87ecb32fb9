"""What runs ONNX files: onnxruntime, on one of its providers, or OpenVINO."""

import logging
from pathlib import Path
from threading import local
from typing import Any

import onnxruntime

from streamlab.errors import ToolUnavailableError
from streamlab.models.devices import choose_device
from streamlab.models.elastic import ElasticEngine
from streamlab.models.engine import Engine
from streamlab.models.network import Array
from streamlab.models.onnx_file import OnnxFile, open_session
from streamlab.settings import value_of

log = logging.getLogger("streamlab.models")

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}
"""onnxruntime's, by device."""


ON_CORES = ("cpu", "openvino")
"""Devices that run on the processor's cores."""


def open_engine(path: Path, asked: str | None, threads: int | None) -> Engine:
    """Load a file on the device that is asked for, by a node or by `STREAM_DEVICE`.

    Without `threads`, a device that runs on cores takes as many as each frame may use.

    Where that is `auto` and the best device cannot run it, it runs on the CPU, and a warning says
    so. Raises `ToolUnavailableError`.
    """
    device = choose_device(asked)
    try:
        return _open(path, device, threads)
    except ToolUnavailableError as error:
        if device == "cpu" or (asked or value_of("device")) != "auto":
            raise
        engine = _open(path, "cpu", threads)
        log.warning("%s; it runs on cpu", error)
        return engine


def _open(path: Path, device: str, threads: int | None) -> Engine:
    if threads is None:
        if device in ON_CORES:
            return ElasticEngine(lambda threads: _open(path, device, threads))
        threads = 1
    if device == "openvino":
        return OpenvinoEngine(path, threads)
    return OnnxruntimeEngine(path, device, threads)


class OnnxruntimeEngine:
    """A file in onnxruntime."""

    def __init__(self, path: Path, device: str, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Spinning threads take the cores from the other sessions' frames.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        provider = PROVIDERS[device]
        providers = list(dict.fromkeys([provider, PROVIDERS["cpu"]]))
        self._session = open_session(path, options, providers)
        if self._session.get_providers()[0] != provider:
            raise ToolUnavailableError(f"{path}: onnxruntime could not start {provider} for it")
        self.device = device
        self.file = OnnxFile.of(self._session)

    def run(self, tensor: Array) -> list[Array]:
        """Return all outputs for the one input."""
        outputs: list[Array] = self._session.run(None, {self.file.inputs[0].name: tensor})
        return outputs


class OpenvinoEngine:
    """A file in OpenVINO, on the CPU."""

    device = "openvino"

    def __init__(self, path: Path, threads: int) -> None:
        import openvino

        self.file = OnnxFile.read(path)
        config = {
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            # Some processors would take bfloat16, which moves boxes.
            "INFERENCE_PRECISION_HINT": "f32",
        }
        try:
            self._model = openvino.Core().compile_model(str(path), "CPU", config)
        except Exception as error:  # OpenVINO's errors are plain RuntimeErrors
            reason = (str(error).strip() or repr(error)).splitlines()[-1].strip()
            raise ToolUnavailableError(f"{path}: OpenVINO cannot run it: {reason}") from error
        self._requests = local()

    def run(self, tensor: Array) -> list[Array]:
        """Return all outputs for the one input."""
        request: Any = getattr(self._requests, "one", None)
        if request is None:
            request = self._requests.one = self._model.create_infer_request()
        results = request.infer([tensor], share_inputs=True)
        return [results[output].copy() for output in self._model.outputs]
