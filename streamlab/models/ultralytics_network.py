"""Detection networks in Ultralytics' own `.pt` files, which need the extra `ultralytics`."""

from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from streamlab.errors import ToolUnavailableError
from streamlab.models.network import InputSize

DEFAULT_IMAGE_SIZE = 640


class UltralyticsNetwork:
    """A `.pt` file run by torch on the CPU; see `Network`.

    A model that has an NMS-free head (YOLO26, YOLOv10) runs that one, as its export with
    `nms=False` does. `threads` is torch's setting and holds for the whole process. Raises
    `ToolUnavailableError` where the extra is missing or the file holds no detection network.
    """

    dtype: type[np.floating[Any]] = np.float32

    def __init__(
        self, path: Path, image_size: int | tuple[int, ...] | None = None, threads: int = 1
    ) -> None:
        try:
            import torch
            from ultralytics import YOLO
        except ImportError as error:
            raise ToolUnavailableError(
                f'{path}: .pt weights need `pip install "jupyter-streamlab[ultralytics]"`'
            ) from error
        torch.set_num_threads(threads)
        try:
            model = YOLO(path)
        except Exception as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
            raise ToolUnavailableError(f"{path}: not usable as weights: {reason}") from error
        if model.task != "detect":
            raise ToolUnavailableError(
                f"{path}: a model for the task {model.task!r}; detect is needed"
            )
        self.names = {int(index): str(name) for index, name in model.names.items()}
        module = model.model
        trained_size = module.args.get("imgsz", DEFAULT_IMAGE_SIZE)
        own = (trained_size,) * 2 if isinstance(trained_size, int) else tuple(trained_size)
        self.size = InputSize.chosen(image_size, own, int(module.stride.max()))
        if getattr(module.model[-1], "one2one_cv2", None) is not None:
            module.end2end = True
        self._module = module.fuse(verbose=False).float().eval()
        self._torch = torch
        # The head keeps the anchors of its last input, so a first call must not meet a second.
        self._lock = Lock()

    def run(self, tensor: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return the output (1, ...) for an input (1, 3, height, width), RGB, 0 to 1."""
        with self._lock, self._torch.inference_mode():
            output = self._module(self._torch.from_numpy(tensor))
        first = output[0] if isinstance(output, (tuple, list)) else output
        result: np.ndarray[Any, Any] = first.numpy()
        return result
