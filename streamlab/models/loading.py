"""A file of weights as a network of a task that is wanted."""

from collections.abc import Sequence
from pathlib import Path

from streamlab.errors import ToolUnavailableError
from streamlab.models.description import Task
from streamlab.models.network import Array, Network

RUN_BY: dict[Task, str] = {
    "detect": "yolo_detect",
    "segment": "yolo_detect",
    "pose": "yolo_detect",
    "obb": "yolo_detect",
    "classify": "yolo_classify",
}
"""The tool that runs a model of each task."""


def load_network(
    path: Path,
    tasks: Sequence[Task],
    image_size: int | tuple[int, ...] | None = None,
    threads: int | None = None,
    device: str | None = None,
) -> Network:
    """Load a network of one of `tasks`; raises `ToolUnavailableError`, which says what to use."""
    network: Network
    if path.suffix.lower() == ".onnx":
        from streamlab.models.onnx_network import OnnxNetwork

        network = OnnxNetwork(path, image_size, threads, device)
    else:
        from streamlab.models.ultralytics_network import UltralyticsNetwork

        network = UltralyticsNetwork(path, image_size, threads, device)
    task = network.description.task
    if task not in tasks:
        raise ToolUnavailableError(
            f"{path}: a model for the task {task!r}, which {RUN_BY[task]!r} runs; "
            f"{RUN_BY[tasks[0]]!r} runs {', '.join(tasks)}"
        )
    return network


def try_out(network: Network, path: Path, tensor: Array) -> list[Array]:
    """Return a network's outputs for a first input; raises `ToolUnavailableError` if it fails."""
    try:
        return network.run(tensor)
    except Exception as error:  # each engine has its own, and none says more than its message
        reason = (str(error).strip() or repr(error)).splitlines()[0]
        size = "x".join(map(str, network.size[:2]))
        raise ToolUnavailableError(f"{path}: does not run at {size}: {reason}") from error
