"""The devices that a network can run on, and which of them are here.

Nothing is loaded to find out: the server's own process asks, too, and runs no network.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from streamlab.errors import ToolUnavailableError
from streamlab.settings import DEVICES, value_of, variable_of

AUTO_ORDER = ("cuda", "directml", "openvino", "cpu")
"""What `auto` takes, the first that is here. `coreml` is in every wheel for macOS and has not been
tried, so it must be asked for."""

_NEEDS = {
    "openvino": '`pip install "jupyter-streamlab[openvino]"`',
    "cuda": "an NVIDIA GPU with its driver, and `pip install onnxruntime-gpu` in place of "
    "onnxruntime",
    "directml": "Windows, and `pip install onnxruntime-directml` in place of onnxruntime",
    "coreml": "macOS",
}


def installed_devices() -> list[str]:
    """Return the devices that are here, the one that `auto` takes first."""
    order = [*AUTO_ORDER, *(name for name in DEVICES if name not in (*AUTO_ORDER, "auto"))]
    return [name for name in order if _is_installed(name)]


def choose_device(asked: str | None = None) -> str:
    """Return the device that `asked`, else `STREAM_DEVICE`, comes to.

    Raises `ToolUnavailableError` for one that was asked for by its name and is not here.
    """
    name = asked or value_of("device")
    if name == "auto":
        return installed_devices()[0]
    if not _is_installed(name):
        source = f"device {name!r}" if asked else f"{variable_of('device')}={name}"
        raise ToolUnavailableError(
            f"{source} is not here: it needs {_NEEDS[name]}; "
            f"here are {', '.join(installed_devices())}"
        )
    return str(name)


def _is_installed(name: str) -> bool:
    if name == "cpu":
        return True
    if name == "openvino":
        return find_spec("openvino") is not None
    if name == "coreml":
        return sys.platform == "darwin"
    library = "*providers_cuda*" if name == "cuda" else "DirectML*"
    return any(_onnxruntime_libraries().glob(library)) and (name != "cuda" or _has_nvidia_driver())


def _onnxruntime_libraries() -> Path:
    spec = find_spec("onnxruntime")
    return Path(spec.origin).parent / "capi" if spec and spec.origin else Path("no-onnxruntime")


def _has_nvidia_driver() -> bool:
    if sys.platform == "win32":
        return Path("C:/Windows/System32/nvcuda.dll").exists()
    return any(Path(place).exists() for place in ("/proc/driver/nvidia/version", "/dev/nvidiactl"))
