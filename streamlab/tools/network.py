"""What a detector needs of a network, whichever library runs it."""

from typing import Any, Protocol

import numpy as np


class Network(Protocol):
    """A detection network of one input size. `run` may be called from several threads at once."""

    names: dict[int, str]
    """The labels by class index."""
    height: int
    """Of the input, in pixels."""
    width: int
    """Of the input, in pixels."""
    dtype: type[np.floating[Any]]
    """Of the input."""

    def run(self, tensor: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return the output (1, ...) for an input (1, 3, height, width), RGB, 0 to 1."""


def input_size(
    image_size: int | tuple[int, ...] | None, own_size: tuple[int, int], stride: int
) -> tuple[int, int]:
    """Return the height and width to run at: those asked for, in whole strides, else its own."""
    if image_size is None:
        return own_size
    height, width = (image_size, image_size) if isinstance(image_size, int) else image_size
    return -(-height // stride) * stride, -(-width // stride) * stride
