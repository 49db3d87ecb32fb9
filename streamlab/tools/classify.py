"""The tool `yolo_classify`: what a frame as a whole shows."""

from typing import Annotated

import msgspec
from msgspec import Meta

from streamlab.errors import ToolUnavailableError
from streamlab.models.weights import find_weights
from streamlab.tools.detection import Classification
from streamlab.tools.params import DeviceName, Side, Sides, Threads
from streamlab.tools.tool import Step, Tool, Values


class ClassifyParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of `yolo_classify`."""

    weights: str | None = None
    """A `.onnx` or `.pt` file of a model for `classify`; must be given, none is bundled."""
    top: Annotated[int, Meta(ge=1, le=1000)] = 5
    """How many classes are returned, the surest."""
    image_size: Side | Sides | None = None
    """Height and width of the network's input in pixels, or one number for both; the model's own
    unless given. `.onnx` files need `dynamic=True` at export for another."""
    threads: Threads | None = None
    """For one frame. Unless given, all cores while one session alone has frames, if the model gains
    from them, and one while several have; `.pt` files take one."""
    device: DeviceName | None = None
    """What the network runs on; `STREAM_DEVICE` unless given."""


class YoloClassify(Tool):
    """Says what a frame shows with a YOLO model for `classify`.

    `classes` is a list of `label` and `score`, the surest first; the scores of all classes that
    the model knows add up to 1.
    """

    name = "yolo_classify"
    title = "Classes"
    reads = frozenset({"image"})
    produces = frozenset({"classes"})
    Params = ClassifyParams

    def load(self) -> None:
        """Load the weights. Raises `ToolUnavailableError` where that cannot be done."""
        from streamlab.models.classifier import Classifier

        params: ClassifyParams = self.params
        if not params.weights:
            raise ToolUnavailableError(
                "yolo_classify needs weights, a .onnx or .pt file of a model for classify; "
                "none is bundled"
            )
        self.classifier = Classifier(
            find_weights(params.weights),
            image_size=params.image_size,
            threads=params.threads,
            device=params.device,
        )

    def open(self) -> Step:
        """Return the step; nothing is remembered between frames."""
        top = self.params.top

        def step(values: Values) -> Values:
            found = self.classifier(values["image"], top)
            return {"classes": [Classification(label, round(score, 4)) for label, score in found]}

        return step
