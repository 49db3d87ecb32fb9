"""Which box of one frame belongs to which of another."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def overlap(first: Array, second: Array, buffer: Array | float = 0.0) -> Array:
    """Return the IoU (N, M) of corners (N, 4) and (M, 4), each box widened before.

    `buffer`, one number or one for each of `first`, is how far every side moves out, as a share
    of the two boxes' mean side. Small fast things overlap their last box again that way, which a
    plain IoU loses (buffered IoU: Yang et al., "Hard to Track Objects with Irregular Motions and
    Similar Appearances? Make It Easier by Buffering the Matching Space", WACV 2023).
    """
    a, b = first[:, None, :], second[None, :, :]
    sides = (a[..., 2:] - a[..., :2]).sum(-1) + (b[..., 2:] - b[..., :2]).sum(-1)
    margin = np.reshape(np.asarray(buffer, float), (-1, 1)) * sides / 4
    inner = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    inner = np.clip(inner + 2 * margin[..., None], 0, None)
    shared = inner[..., 0] * inner[..., 1]
    area_a = (a[..., 2:] - a[..., :2] + 2 * margin[..., None]).prod(-1)
    area_b = (b[..., 2:] - b[..., :2] + 2 * margin[..., None]).prod(-1)
    result: Array = shared / np.maximum(area_a + area_b - shared, 1e-9)
    return result


def match(similarity: Array, least: float) -> list[tuple[int, int]]:
    """Pair rows and columns of `similarity` (N, M), the most similar first, each used once.

    Pairs under `least` are left apart. Equally similar pairs go to the lower row, then column.
    """
    pairs: list[tuple[int, int]] = []
    rows, columns = np.nonzero(similarity >= least)
    order = np.argsort(-similarity[rows, columns], kind="stable")
    free_rows, free_columns = set(rows.tolist()), set(columns.tolist())
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row in free_rows and column in free_columns:
            pairs.append((row, column))
            free_rows.discard(row)
            free_columns.discard(column)
    return pairs
