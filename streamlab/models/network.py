"""What is asked of a network, whichever library runs it."""

from typing import Any, NamedTuple, Protocol

import numpy as np

from streamlab.models.description import ModelDescription

Array = np.ndarray[Any, Any]


class InputSize(NamedTuple):
    """The size of a network's input, in pixels."""

    height: int
    width: int
    stride: int
    trims: bool
    """Whether padding is cut down to whole strides, as Ultralytics does where a network takes
    inputs of any size; else every frame is padded to `height` x `width`."""

    @classmethod
    def chosen(
        cls, image_size: int | tuple[int, ...] | None, own: tuple[int, ...], stride: int
    ) -> "InputSize":
        """Return the size to run a network at that takes any: in whole strides.

        That is `image_size`, a pair or one number for both, else the size it was trained for,
        `own`; only a pair is kept to exactly.
        """
        pair = own if image_size is None else image_size
        height, width = (pair, pair) if isinstance(pair, int) else pair
        trims = not isinstance(image_size, tuple)
        return cls(_whole(height, stride), _whole(width, stride), stride, trims)

    def of(self, frame_shape: tuple[int, ...]) -> tuple[int, int]:
        """Return the height and width of the input for a frame of shape (H, W, ...)."""
        if not self.trims:
            return self.height, self.width
        gain = min(self.height / frame_shape[0], self.width / frame_shape[1])
        inner = (max(round(side * gain), 1) for side in frame_shape[:2])
        height, width = (_whole(side, self.stride) for side in inner)
        return height, width


class Port(NamedTuple):
    """An input or output of a network."""

    name: str
    shape: tuple[int | str | None, ...]
    """A side that is not fixed is a name or `None`."""
    dtype: str
    """As onnxruntime names it: `float`, `float16`, `int64`, ..."""

    def __str__(self) -> str:
        """Return it in words: `images float (1, 3, 640, 640)`."""
        return f"{self.name} {self.dtype} ({', '.join(map(str, self.shape))})"


class Network(Protocol):
    """A network of any task. `run` may be called from several threads at once."""

    description: ModelDescription
    size: InputSize
    dtype: type[np.floating[Any]]
    """Of the input."""
    device: str
    """What it runs on: one of `streamlab.settings.DEVICES`, but for `auto`."""
    output_names: tuple[str, ...]
    """The names of the arrays that `run` returns; empty where they have none."""

    def run(self, tensor: Array) -> list[Array]:
        """Return the outputs, each (1, ...), for one input in the form that it describes."""


def _whole(side: int, stride: int) -> int:
    return -(-side // stride) * stride
