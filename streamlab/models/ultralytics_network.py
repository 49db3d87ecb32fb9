"""Networks in Ultralytics' own `.pt` files, which need the extra `ultralytics`."""

from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from streamlab.errors import ToolUnavailableError
from streamlab.models.description import DEFAULT_SIDE_PX, from_metadata
from streamlab.models.network import Array, InputSize
from streamlab.settings import value_of

DEVICES = ("auto", "cpu", "cuda")
"""What torch is used on here."""


class UltralyticsNetwork:
    """A `.pt` file run by torch; see `Network`.

    A model that has an NMS-free head (YOLO26, YOLOv10) runs that one, as its export with
    `nms=False` does. `threads` is torch's setting and holds for the whole process. Raises
    `ToolUnavailableError` where the extra is missing, the file holds no network of a known task,
    or the device is not here.
    """

    dtype: type[np.floating[Any]] = np.float32
    output_names: tuple[str, ...] = ()

    def __init__(
        self,
        path: Path,
        image_size: int | tuple[int, ...] | None = None,
        threads: int | None = None,
        device: str | None = None,
    ) -> None:
        try:
            import torch
            from ultralytics import YOLO
        except ImportError as error:
            raise ToolUnavailableError(
                f'{path}: .pt weights need `pip install "jupyter-streamlab[ultralytics]"`'
            ) from error
        self.device = _torch_device(path, device, torch)
        torch.set_num_threads(threads or 1)
        try:
            model = YOLO(path)
        except Exception as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
            raise ToolUnavailableError(f"{path}: not usable as weights: {reason}") from error
        module = model.model
        head = module.model[-1]
        has_nms_free_head = getattr(head, "one2one_cv2", None) is not None
        trained_size = module.args.get("imgsz", DEFAULT_SIDE_PX)
        metadata = {
            "task": model.task,
            "names": str(model.names),
            "imgsz": str(trained_size),
            "stride": str(int(module.stride.max())),
            "head": type(head).__name__,
            "end2end": str(has_nms_free_head),
        }
        if model.task == "pose":
            metadata["kpt_shape"] = str(list(head.kpt_shape))
        self.description = from_metadata(path, metadata)
        size = InputSize.chosen(image_size, self.description.own_size, self.description.stride)
        is_padded = model.task != "classify" and self.description.input.fit == "letterbox"
        self.size = size if is_padded else size._replace(trims=False)
        if has_nms_free_head:
            module.end2end = True
        self._module = module.fuse(verbose=False).float().eval().to(self.device)
        self._torch = torch
        # The head keeps the anchors of its last input, so a first call must not overlap a second.
        self._lock = Lock()

    def run(self, tensor: Array) -> list[Array]:
        """Return the outputs, each (1, ...), for an input (1, 3, height, width)."""
        with self._lock, self._torch.inference_mode():
            output = self._module(self._torch.from_numpy(tensor).to(self.device))
        # outside of training a head returns its answer and what it made it of
        answer = output[0] if isinstance(output, (tuple, list)) else output
        parts = answer if isinstance(answer, (tuple, list)) else [answer]
        return [part.cpu().numpy() for part in parts]


def _torch_device(path: Path, asked: str | None, torch: Any) -> str:
    name = asked or value_of("device")
    if name not in DEVICES:
        raise ToolUnavailableError(
            f"{path}: .pt weights run on {', '.join(DEVICES)}; export them to ONNX for {name}"
        )
    has_cuda = torch.cuda.is_available()
    if name == "cuda" and not has_cuda:
        raise ToolUnavailableError(f"{path}: device 'cuda' is not here: torch finds no such GPU")
    return "cuda" if has_cuda and name != "cpu" else "cpu"
