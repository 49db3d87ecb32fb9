"""`VideoWork`: service times by position in the video, from one recorded session."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from streamlab.recording.summary import Floats, Ints
from streamlab.replay.service_times import Observations, place_levels, warm_up_factors
from streamlab.replay.session_load import Slowdown


@dataclass(frozen=True)
class VideoWork:
    """Seconds by position in the video, for a frame alone on a worker with warm caches.

    `own_s` is the service time without deferred work, `usual_s` the usual one at each position,
    `deferred_s` the deferred work that becomes due there, of which a frame does at most
    `deferred_cap_s`. `parts_s` has decoding and nodes. `spared_s` is the time that a frame saves
    with all cores to itself.
    """

    own_s: Floats
    usual_s: Floats
    deferred_s: Floats
    deferred_cap_s: float
    parts_s: dict[str, Floats]
    spared_s: Floats

    def __len__(self) -> int:
        return len(self.own_s)


def video_work(
    session: int,
    observed: Observations,
    others: Sequence[Observations],
    slowdown: Slowdown,
    length: int,
) -> VideoWork:
    """Return the work of a recorded session's video.

    A position without a processed frame of the session has the work of other sessions there, else
    that of the nearest known position. Deferred work is at the position of the frame that did it,
    so that its sum is kept.
    """
    mine = observed.session == session
    pools = [
        (observed, mine),
        *((other, np.ones(len(other), bool)) for other in [observed, *others]),
    ]
    source = np.full(length, -1, dtype=np.int64)
    pool_of = np.full(length, -1, dtype=np.int64)
    for number, (pool, rows) in enumerate(pools):
        chosen = _middle(pool, rows, slowdown)
        places = pool.position[chosen] % length
        free = pool_of[places] < 0
        source[places[free]] = chosen[free]
        pool_of[places[free]] = number
    known = np.flatnonzero(pool_of >= 0)
    nearest = _nearest(known, length)
    own, spared = np.zeros(length), np.zeros(length)
    parts = {name: np.zeros(length) for name in observed.parts_s}
    for number, (pool, _) in enumerate(pools):
        places = np.flatnonzero(pool_of[nearest] == number)
        rows = source[nearest[places]]
        factor = warm_up_factors(pool, slowdown)[rows]
        own[places] = pool.own_s[rows] / factor
        spared[places] = pool.spared_s[rows] / factor
        for name, values in pool.parts_s.items():
            parts.setdefault(name, np.zeros(length))[places] = values[rows] / factor
    factor = warm_up_factors(observed, slowdown)
    deferred = np.zeros(length)
    np.add.at(deferred, observed.position[mine] % length, (observed.deferred_s / factor)[mine])
    passes = max(1.0, np.ceil((observed.position[mine].max(initial=0) + 1) / length))
    cap = float(observed.deferred_s.max(initial=0.0))
    usual = place_levels([observed, *others], slowdown.idle, length)
    return VideoWork(own, usual, deferred / passes, cap, parts, spared)


def _nearest(known: Ints, length: int) -> Ints:
    """Return, for each position, the nearest known one; of two equally near, the earlier."""
    every = np.arange(length)
    behind = np.searchsorted(known, every).clip(max=len(known) - 1)
    before = np.maximum(behind - 1, 0)
    is_before = np.abs(every - known[before]) <= np.abs(known[behind] - every)
    nearest: Ints = np.where(is_before, known[before], known[behind])
    return nearest


def _middle(observed: Observations, rows: Any, slowdown: Slowdown) -> Ints:
    """Return, for each position among the rows, the row of median service time."""
    index = np.flatnonzero(rows)
    cost = (observed.own_s / warm_up_factors(observed, slowdown))[index]
    order = np.lexsort((cost, observed.position[index]))
    index = index[order]
    _, first, counts = np.unique(observed.position[index], return_index=True, return_counts=True)
    middle: Ints = index[first + (counts - 1) // 2]
    return middle
