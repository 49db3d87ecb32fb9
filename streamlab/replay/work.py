"""What each frame of a video costs a worker, as one recorded session shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from streamlab.recording.summary import Floats, Ints
from streamlab.replay.service_times import Observations, coldness_factor, place_levels
from streamlab.replay.session_load import Slowdown


@dataclass(frozen=True)
class VideoWork:
    """Seconds by position in the video, for a frame alone on a warm worker.

    `own_s` is without deferred work, `usual_s` what it usually is at each place, `deferred_s` what
    falls due there, of which a frame pays at most `deferred_cap_s`. `parts_s` has decoding and
    nodes. `spared_s` is what a frame takes less that has all cores to itself.
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
    seen: Observations,
    others: Sequence[Observations],
    slowdown: Slowdown,
    length: int,
) -> VideoWork:
    """Return the work of a recorded session's video.

    Where the session has no processed frame, the others' stand in, or the nearest one that there
    is. Deferred work is kept as a sum: what a frame paid stands at its place, and nothing where a
    frame was dropped.
    """
    mine = seen.session == session
    pools = [(seen, mine), *((other, np.ones(len(other), bool)) for other in [seen, *others])]
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
    parts = {name: np.zeros(length) for name in seen.parts_s}
    for number, (pool, _) in enumerate(pools):
        places = np.flatnonzero(pool_of[nearest] == number)
        rows = source[nearest[places]]
        factor = coldness_factor(pool, slowdown)[rows]
        own[places] = pool.own_s[rows] / factor
        spared[places] = pool.spared_s[rows] / factor
        for name, values in pool.parts_s.items():
            parts.setdefault(name, np.zeros(length))[places] = values[rows] / factor
    factor = coldness_factor(seen, slowdown)
    deferred = np.zeros(length)
    np.add.at(deferred, seen.position[mine] % length, (seen.deferred_s / factor)[mine])
    passes = max(1.0, np.ceil((seen.position[mine].max(initial=0) + 1) / length))
    cap = float(seen.deferred_s.max(initial=0.0))
    usual = place_levels([seen, *others], slowdown.idle, length)
    return VideoWork(own, usual, deferred / passes, cap, parts, spared)


def _nearest(known: Ints, length: int) -> Ints:
    """Return, for each position, the nearest known one; of two the earlier."""
    every = np.arange(length)
    behind = np.searchsorted(known, every).clip(max=len(known) - 1)
    before = np.maximum(behind - 1, 0)
    is_before = np.abs(every - known[before]) <= np.abs(known[behind] - every)
    nearest: Ints = np.where(is_before, known[before], known[behind])
    return nearest


def _middle(seen: Observations, rows: Any, slowdown: Slowdown) -> Ints:
    """Return, for each position among the rows, the row of middle cost."""
    index = np.flatnonzero(rows)
    cost = (seen.own_s / coldness_factor(seen, slowdown))[index]
    order = np.lexsort((cost, seen.position[index]))
    index = index[order]
    _, first, counts = np.unique(seen.position[index], return_index=True, return_counts=True)
    middle: Ints = index[first + (counts - 1) // 2]
    return middle
