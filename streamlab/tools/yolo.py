"""The tool `yolo_detect`: where things are in a frame, by any detection model."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from streamlab.errors import ToolUnavailableError
from streamlab.models.weights import find_weights
from streamlab.tools.detection import Detection, Point
from streamlab.tools.params import DeviceName, Side, Sides, Threads, Unit
from streamlab.tools.tool import Step, Tool, Values

if TYPE_CHECKING:
    from streamlab.models.detector import Finding


class YoloParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of `yolo_detect`."""

    weights: str | None = None
    """A `.onnx` or `.pt` file of a model for `detect`, `segment`, `pose` or `obb`, or a bundled
    detector by its name, `gate_conveyor` or `everyday`; else `STREAM_YOLO_WEIGHTS`, else
    `gate_conveyor`."""
    score_threshold: Unit = 0.25
    """The least score of a detection."""
    iou_threshold: Unit = 0.7
    """Overlap above which the lesser of two boxes of a class goes."""
    image_size: Side | Sides | None = None
    """Height and width of the network's input in pixels, or one number for the longer side; the
    model's own unless given. `.onnx` files need `dynamic=True` at export for another."""
    max_detections: Annotated[int, Meta(ge=1, le=1000)] = 100
    """In one frame; the surest are kept."""
    threads: Threads | None = None
    """For one frame. Unless given, all cores while one session alone has frames, if the model gains
    from them, and one while several have; `.pt` files take one."""
    device: DeviceName | None = None
    """What the network runs on; `STREAM_DEVICE` unless given."""
    labels: tuple[str, ...] | None = None
    """Only these, in the model's spelling; all unless given."""


class YoloDetect(Tool):
    """Finds things with a YOLO model; boxes are in pixels of the frame and clipped to it.

    A model for `segment` adds `contours` to each detection, one for `pose` adds `keypoints`, one
    for `obb` adds `corners`.
    """

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
        from streamlab.models.descriptor import known_labels

        try:
            known = known_labels(find_weights(params.weights))
        except ToolUnavailableError:
            return None
        if params.labels is None:
            return known
        return tuple(name for name in known or params.labels if name in params.labels)

    def load(self) -> None:
        """Load the weights. Raises `ToolUnavailableError` where that cannot be done."""
        from streamlab.models.detector import Detector

        params: YoloParams = self.params
        self.detector = Detector(
            find_weights(params.weights),
            image_size=params.image_size,
            threads=params.threads,
            device=params.device,
            labels=params.labels,
        )

    def open(self) -> Step:
        """Return the step; nothing is remembered between frames."""

        def step(values: Values) -> Values:
            return {"detections": self.detect(values["image"])}

        return step

    def detect(self, image: Any) -> list[Detection]:
        """Return what is in `image` (HxWx3 uint8, BGR), the surest first."""
        params: YoloParams = self.params
        findings = self.detector(
            image, params.score_threshold, params.iou_threshold, params.max_detections
        )
        return [_detection(finding, self.detector.names) for finding in findings]


def _detection(finding: "Finding", names: dict[int, str]) -> Detection:
    x1, y1, x2, y2 = finding.box.tolist()
    return Detection(
        round(x1, 1),
        round(y1, 1),
        round(x2 - x1, 1),
        round(y2 - y1, 1),
        label=names.get(finding.class_index, str(finding.class_index)),
        score=round(finding.score, 4),
        contours=None if finding.contours is None else [_points(c) for c in finding.contours],
        keypoints=None
        if finding.keypoints is None
        else [(round(x, 1), round(y, 1), round(c, 3)) for x, y, c in finding.keypoints.tolist()],
        corners=None if finding.corners is None else _points(finding.corners),
    )


def _points(points: Any) -> list[Point]:
    return [(round(x, 1), round(y, 1)) for x, y in points.tolist()]
