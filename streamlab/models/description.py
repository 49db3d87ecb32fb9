"""What a model file says of itself: its task, its classes, what it takes and what it answers."""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from streamlab.errors import ToolUnavailableError

Task = Literal["detect", "segment", "pose", "obb", "classify"]
TASKS: tuple[Task, ...] = get_args(Task)

Layout = Literal["yolov8", "yolov5", "end_to_end", "detr"]
"""How detections stand in a model's output; `streamlab.models.layouts` reads them."""
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

DEFAULT_SIDE_PX = 640
OWN_SIZE = (DEFAULT_SIDE_PX, DEFAULT_SIDE_PX)
"""Height and width of a model that does not say what it was trained for."""

# Not tuple[int, int]: msgspec 0.22 misreads the length of one beside an int with limits.
Sides = Annotated[tuple[int, ...], Meta(min_length=2, max_length=2)]
Triple = Annotated[tuple[float, ...], Meta(min_length=3, max_length=3)]


class InputForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a frame becomes a model's input. The defaults are those of Ultralytics' detectors."""

    layout: Literal["NCHW", "NHWC"] = "NCHW"
    channels: Literal["RGB", "BGR"] = "RGB"
    fit: Literal["letterbox", "top_left", "stretch"] = "letterbox"
    """Aspect kept and centred on `padding`, kept and at the top left, or not kept."""
    padding: int = 114
    """The grey around a frame, 0 to 255."""
    scale: float = 255.0
    """What a channel's 0 to 255 is divided by, before `mean` and `std`."""
    mean: Triple = (0.0, 0.0, 0.0)
    """Subtracted after that, by channel, in the order of `channels`."""
    std: Triple = (1.0, 1.0, 1.0)
    """What is divided by after that."""
    size: Sides | None = None
    """Height and width, for a model that takes any."""


class OutputForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a detector's answer is to be read."""

    layout: Layout | None = None
    """Derived from the shapes where it is not given."""
    boxes: str | None = None
    """Name of the output with the boxes; needed by `detr`, else the first of three dimensions."""
    logits: str | None = None
    """Name of the output with the logits of the classes, for `detr`."""
    scores: Literal["sigmoid", "softmax"] = "sigmoid"
    """How `detr` makes scores of logits; with `softmax` the last class means nothing found."""
    corners: bool | None = None
    """Whether boxes are left, top, right, bottom, not centre and size: for `end_to_end` yes, for
    the others no, unless given."""
    normalized: bool | None = None
    """Whether boxes are shares of the input, not its pixels: for `detr` yes, for the others no,
    unless given."""


class ModelDescription(msgspec.Struct, frozen=True):
    """What is known of a model before it runs."""

    task: Task
    names: dict[int, str]
    """The labels by class index."""
    own_size: Sides = OWN_SIZE
    """Height and width that it was trained for, pixels."""
    stride: int = 32
    """What its input's sides are multiples of, where it takes any size."""
    keypoint_shape: tuple[int, int] | None = None
    """Of `pose`: number of keypoints, and 2 or 3 values for each."""
    needs_no_nms: bool | None = None
    """Whether it answers rows of chosen boxes; `None` where the file does not say."""
    input: InputForm = InputForm()
    output: OutputForm = OutputForm()
    licence: str | None = None


STRETCHED_ROWS = (
    InputForm(fit="stretch"),
    OutputForm(layout="end_to_end", corners=False, normalized=True),
)
"""What Ultralytics' RT-DETR takes and answers."""


def from_metadata(source: Path, metadata: Mapping[str, str]) -> ModelDescription:
    """Read what Ultralytics writes into the files that it exports.

    Raises `ToolUnavailableError` for a task that no tool runs, and for values that cannot be read.
    """
    task = metadata.get("task", "")
    if task not in TASKS:
        raise ToolUnavailableError(
            f"{source}: a model for the task {task!r}, which no tool runs; "
            f"models for {', '.join(TASKS)} are"
        )
    try:
        names = _literal(metadata, "names", None)
        pairs = names.items() if isinstance(names, dict) else enumerate(names)
        own = _literal(metadata, "imgsz", DEFAULT_SIDE_PX)
        sides = (own, own) if isinstance(own, int) else tuple(own)
        keypoints = _literal(metadata, "kpt_shape", None)
        arguments = _literal(metadata, "args", {})
        form = STRETCHED_ROWS if metadata.get("head") == "RTDETRDecoder" else None
        return ModelDescription(
            task,
            {int(index): str(name) for index, name in pairs},
            own_size=(int(sides[0]), int(sides[1])),
            stride=int(float(metadata.get("stride", "32"))),
            keypoint_shape=None if keypoints is None else (int(keypoints[0]), int(keypoints[1])),
            needs_no_nms=_needs_no_nms(metadata, arguments),
            input=form[0] if form else InputForm(),
            output=form[1] if form else OutputForm(),
            licence=metadata.get("license"),
        )
    except (ValueError, SyntaxError, TypeError, AttributeError, IndexError) as error:
        raise ToolUnavailableError(f"{source}: its metadata cannot be read: {error}") from error


def _literal(metadata: Mapping[str, str], key: str, otherwise: Any) -> Any:
    return ast.literal_eval(metadata[key]) if metadata.get(key) else otherwise


def _needs_no_nms(metadata: Mapping[str, str], arguments: Any) -> bool | None:
    if "end2end" not in metadata:
        return None  # written by a version that did not say
    has_nms = isinstance(arguments, dict) and arguments.get("nms") is True
    return metadata["end2end"] == "True" or has_nms
