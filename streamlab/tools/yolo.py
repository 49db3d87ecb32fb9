"""The tool `yolo_detect`: where things are in a frame, by any Ultralytics detection model."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from streamlab.errors import ToolUnavailableError
from streamlab.tools.detection import Detection
from streamlab.tools.params import Unit
from streamlab.tools.tool import Step, Tool, Values
from streamlab.tools.weights import find_weights

if TYPE_CHECKING:
    from streamlab.tools.network import Network

Side = Annotated[int, Meta(ge=32, le=4096)]
# Not tuple[Side, Side]: msgspec 0.22 misreads the length of one beside an int with limits, and
# crashes the process.
Sides = Annotated[tuple[Side, ...], Meta(min_length=2, max_length=2)]


class YoloParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `yolo_detect` can be told."""

    weights: str | None = None
    """A `.onnx` or `.pt` file, or a bundled detector by its name, `gate_conveyor` or `everyday`;
    else `STREAM_YOLO_WEIGHTS`, else `gate_conveyor`."""
    score_threshold: Unit = 0.25
    """The least score of a detection."""
    iou_threshold: Unit = 0.7
    """Overlap above which the lesser of two boxes of a class goes."""
    image_size: Side | Sides | None = None
    """Height and width of the network's input in pixels, or one number for the longer side; the
    model's own unless given. `.onnx` files need `dynamic=True` at export for another."""
    max_detections: Annotated[int, Meta(ge=1, le=1000)] = 100
    """In one frame; the surest are kept."""
    threads: Annotated[int, Meta(ge=1, le=64)] = 1
    """For one frame. Several sessions use the cores better with one thread each."""
    labels: tuple[str, ...] | None = None
    """Only these, in the model's spelling; all unless given."""


class YoloDetect(Tool):
    """Finds things with a YOLO model; boxes are in pixels of the frame and clipped to it."""

    name = "yolo_detect"
    title = "Detections"
    reads = frozenset({"image"})
    produces = frozenset({"detections"})
    Params = YoloParams

    @classmethod
    def labels(cls, params: YoloParams) -> tuple[str, ...] | None:
        """Return what the weights say that they know, less what `params.labels` leaves out.

        Only ONNX files can be asked without loading them.
        """
        from streamlab.models.onnx_metadata import class_names

        try:
            path = find_weights(params.weights)
        except ToolUnavailableError:
            return None
        known = class_names(path) if path.suffix.lower() == ".onnx" else None
        if params.labels is None:
            return known
        return tuple(name for name in known or params.labels if name in params.labels)

    def load(self) -> None:
        """Load the weights. Raises `ToolUnavailableError` where that cannot be done."""
        import numpy as np

        from streamlab.tools.letterbox import Letterbox

        params: YoloParams = self.params
        path = find_weights(params.weights)
        self._network = _load_network(path, params)
        network = self._network
        self._letterbox = Letterbox(network.size, network.dtype)
        self._classes = None
        if params.labels is not None:
            unknown = sorted(set(params.labels) - set(network.names.values()))
            if unknown:
                known = ", ".join(network.names.values())
                raise ToolUnavailableError(f"{path}: has no labels {unknown}; it has {known}")
            self._classes = np.array([i for i, n in network.names.items() if n in params.labels])

    def open(self) -> Step:
        """Return the step; nothing is remembered between frames."""

        def step(values: Values) -> Values:
            return {"detections": self.detect(values["image"])}

        return step

    def detect(self, image: Any) -> list[Detection]:
        """Return what is in `image` (HxWx3 uint8, BGR), the surest first."""
        from streamlab.tools.boxes import read_output

        params: YoloParams = self.params
        tensor, fit = self._letterbox(image)
        boxes = read_output(
            self._network.run(tensor),
            params.score_threshold,
            params.iou_threshold,
            params.max_detections,
            self._classes,
        )
        names = self._network.names
        corners = fit.to_frame(boxes.corners).tolist()
        found = zip(corners, boxes.scores.tolist(), boxes.classes.tolist(), strict=True)
        return [
            Detection(
                round(x1, 1),
                round(y1, 1),
                round(x2 - x1, 1),
                round(y2 - y1, 1),
                label=names.get(index, str(index)),
                score=round(score, 4),
            )
            for (x1, y1, x2, y2), score, index in found
            if x2 - x1 >= _MIN_SIDE_PX and y2 - y1 >= _MIN_SIDE_PX
        ]


_MIN_SIDE_PX = 0.5
"""What clipping leaves of a box outside the frame is no detection."""


def _load_network(path: Any, params: YoloParams) -> "Network":
    if path.suffix.lower() == ".onnx":
        from streamlab.tools.onnx_network import OnnxNetwork

        return OnnxNetwork(path, params.image_size, params.threads)
    from streamlab.tools.ultralytics_network import UltralyticsNetwork

    return UltralyticsNetwork(path, params.image_size, params.threads)
