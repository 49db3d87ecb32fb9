"""What stands before and behind the layers: normalisation, and boxes out of the features."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from training.nanodet.builder import GraphBuilder
from training.nanodet.layers import Features

# The network was trained on BGR, 0 to 255, with these means and deviations.
MEAN_RGB = (123.675, 116.28, 103.53)
DEVIATION_RGB = (58.395, 57.12, 57.375)
CLASSES = 80
SIDES = 4
DISTANCES = 11
"""A side of a box is a distribution over so many distances, in strides from the cell's centre."""
ROWS = 300
NO_OBJECT_LOGIT = -30.0


def normalised(builder: GraphBuilder, images: str) -> str:
    """Return (1, 3, H, W) as the network takes it, for RGB from 0 to 1."""
    deviation = np.array(DEVIATION_RGB).reshape(1, 3, 1, 1)
    mean = np.array(MEAN_RGB).reshape(1, 3, 1, 1)
    scaled = builder.add("Mul", [images, builder.constant(255 / deviation)])
    shifted = builder.add("Sub", [scaled, builder.constant(mean / deviation)])
    bgr = builder.constant([2, 1, 0], np.int64)
    return builder.add("Gather", [shifted, bgr], axis=1)


def detections(builder: GraphBuilder, levels: list[Features]) -> str:
    """Return (1, 300, 6): left, top, right, bottom, score, class, the surest first.

    Each level is (1, 80 + 4 * 11, height, width): logits of the classes, then of the distances to
    the left, top, right and bottom. Everything but the choice of cells is done for the chosen
    ones alone. An image with fewer than 300 cells is filled up with rows of no score.
    """
    flat = [_flattened(builder, level.tensor) for level in levels]
    cells = [_cells(builder, level) for level in levels]
    filling = [
        builder.constant(np.full((1, CLASSES + SIDES * DISTANCES, 1), NO_OBJECT_LOGIT)),
        builder.constant([1, 1, ROWS], np.int64),
    ]
    flat.append(builder.add("Expand", filling))
    cells.append(builder.constant(np.zeros((ROWS, 3))))
    logits = builder.add("Concat", flat, axis=2)

    chosen = _surest(builder, logits)
    cell = builder.add("Gather", [builder.add("Concat", cells, axis=0), chosen], axis=0)
    rows = builder.add("Gather", [logits, chosen], axis=2)
    rows = builder.add("Transpose", [rows], perm=[0, 2, 1])
    parts = builder.constant([CLASSES, SIDES * DISTANCES], np.int64)
    classes = builder.add("Split", [rows, parts], 2, axis=2)
    best = builder.add("ReduceMax", [classes], axes=[2], keepdims=1)
    score = builder.add("Sigmoid", [best])
    label = builder.add("ArgMax", [classes], axis=2, keepdims=1)
    label = builder.add("Cast", [label], to=TensorProto.FLOAT)
    box = _box(builder, f"{classes}_1", cell)
    return builder.add("Concat", [box, score, label], axis=2)


def _flattened(builder: GraphBuilder, tensor: str) -> str:
    shape = builder.constant([1, CLASSES + SIDES * DISTANCES, -1], np.int64)
    return builder.add("Reshape", [tensor, shape])


def _cells(builder: GraphBuilder, level: Features) -> str:
    """Return (cells, 3): x and y of each cell's centre and the stride, in the order of rows."""
    shape = builder.add("Shape", [level.tensor], start=2)
    numbers = builder.constant(1.0)
    # Every cell's row and column, as the indices of what is not 0 in a plane of ones.
    plane = builder.add("Expand", [numbers, shape])
    yx = builder.add("NonZero", [plane])
    xy = builder.add("Gather", [yx, builder.constant([1, 0], np.int64)], axis=0)
    xy = builder.add("Transpose", [builder.add("Cast", [xy], to=TensorProto.FLOAT)], perm=[1, 0])
    middle = builder.add("Add", [xy, builder.constant(0.5)])
    centre = builder.add("Mul", [middle, builder.constant(float(level.stride))])
    ones = builder.add("Reshape", [plane, builder.constant([-1, 1], np.int64)])
    stride = builder.add("Mul", [ones, builder.constant(float(level.stride))])
    return builder.add("Concat", [centre, stride], axis=1)


def _surest(builder: GraphBuilder, logits: str) -> str:
    """Return the indices (300,) of the cells whose best class is the surest."""
    parts = builder.constant([CLASSES, SIDES * DISTANCES], np.int64)
    classes = builder.add("Split", [logits, parts], 2, axis=1)
    best = builder.add("ReduceMax", [classes], axes=[0, 1], keepdims=0)
    top = builder.add("TopK", [best, builder.constant([ROWS], np.int64)], 2)
    return f"{top}_1"


def _box(builder: GraphBuilder, distances: str, cell: str) -> str:
    """Return corners (1, 300, 4) for logits (1, 300, 44) and cells (300, 3)."""
    shape = builder.constant([ROWS, SIDES, DISTANCES], np.int64)
    shares = builder.add("Softmax", [builder.add("Reshape", [distances, shape])], axis=2)
    steps = builder.constant(np.arange(DISTANCES).reshape(DISTANCES, 1))
    distance = builder.add("MatMul", [shares, steps])
    distance = builder.add("Reshape", [distance, builder.constant([ROWS, SIDES], np.int64)])
    outwards = builder.add("Mul", [distance, builder.constant([-1, -1, 1, 1])])
    x_y_x_y = builder.add("Gather", [cell, builder.constant([0, 1, 0, 1], np.int64)], axis=1)
    stride = builder.add("Gather", [cell, builder.constant([2], np.int64)], axis=1)
    offset = builder.add("Mul", [outwards, stride])
    corners = builder.add("Add", [x_y_x_y, offset])
    return builder.add("Unsqueeze", [corners, builder.constant([0], np.int64)])
