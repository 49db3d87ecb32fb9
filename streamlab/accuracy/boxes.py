"""Labelled boxes of many images as flat arrays, and their intersection over union."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Boxes:
    """N boxes: `image` and `label` are numbers from 0, `xywh` is N x 4 in pixels, `score` 0 to 1.

    Sorted by image.
    """

    image: Ints
    label: Ints
    xywh: Floats
    score: Floats

    @classmethod
    def of(
        cls,
        images: Iterable[Iterable[Mapping[str, Any]]],
        labels: Sequence[str],
        scale: float = 1.0,
    ) -> "Boxes":
        """Return the boxes of these labels; coordinates are multiplied by `scale`.

        A box without a `score` has a score of 1.
        """
        numbers = {label: number for number, label in enumerate(labels)}
        places: list[tuple[int, int]] = []
        values: list[tuple[float, float, float, float, float]] = []
        for position, things in enumerate(images):
            for thing in things:
                number = numbers.get(thing.get("label", ""))
                if number is not None:
                    places.append((position, number))
                    values.append((*box_of(thing), thing.get("score", 1.0)))
        image, label = np.array(places, dtype=np.int64).reshape(-1, 2).T
        table = np.array(values, dtype=np.float64).reshape(-1, 5)
        return cls(image, label, table[:, :4] * scale, table[:, 4])

    def __len__(self) -> int:
        return len(self.image)

    def where(self, mask: Bools) -> "Boxes":
        """Return the boxes that a mask of length N selects."""
        return Boxes(self.image[mask], self.label[mask], self.xywh[mask], self.score[mask])

    def take_images(self, images: Ints) -> "Boxes":
        """Return the boxes of these images, renumbered 0, 1, ... in the order given.

        An image may be named several times; -1 is one without boxes.
        """
        position, row = ranges(
            np.searchsorted(self.image, images, "left"),
            np.where(images < 0, 0, np.searchsorted(self.image, images, "right")),
        )
        return Boxes(position, self.label[row], self.xywh[row], self.score[row])


def box_of(thing: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """Return x, y, width and height of a detection or of an object of the truth."""
    return thing["x"], thing["y"], thing["width"], thing["height"]


def ranges(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Expand ranges: return the number of the range, and the value, of each of their members.

    >>> ranges(np.array([3, 7, 7]), np.array([5, 7, 8]))
    (array([0, 0, 2]), array([3, 4, 7]))
    """
    counts = np.maximum(ends - starts, 0)
    which = np.repeat(np.arange(len(counts)), counts)
    before = np.cumsum(counts) - counts
    return which, np.arange(len(which)) - before[which] + starts[which]


def rowwise_iou(a: Floats, b: Floats) -> Floats:
    """Return the intersection over union of each row of `a` with the same row of `b`, N x 4 each.

    >>> rowwise_iou(np.array([[0.0, 0, 20, 10]]), np.array([[10.0, 0, 20, 10]]))
    array([0.33333333])
    """
    near = np.maximum(a[:, :2], b[:, :2])
    far = np.minimum(a[:, :2] + a[:, 2:], b[:, :2] + b[:, 2:])
    shared = np.prod(np.maximum(far - near, 0.0), axis=1)
    union = a[:, 2] * a[:, 3] + b[:, 2] * b[:, 3] - shared
    iou: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return iou
