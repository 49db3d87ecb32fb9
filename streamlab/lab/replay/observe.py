"""What recordings show of a worker: how long each frame took, after what gap, beside whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..columns import node_column
from ..figures import Floats, Ints
from .load import NO_SLOWDOWN, WARM_GAP_S, Slowdown

if TYPE_CHECKING:
    from ..recording import Recording

LONG_GAP_S = 10.0
ROUNDS = 8
MIN_OBSERVATIONS = 30
BASELINE = 0.10
"""Quantile of a deferring node's time that counts as what it costs when it has nothing to do."""
CROWDED, APART = 0.8, 0.3


@dataclass(frozen=True)
class Observations:
    """Processed frames as arrays of one length; times in seconds.

    `own_s` is the time at the worker without the work of deferring nodes, `deferred_s` is that
    work, `gap_s` the worker's idle time before, `crowd` the mean number of other busy workers.
    `parts_s` are decoding and nodes, those that defer at their baseline.
    """

    session: Ints
    position: Ints
    own_s: Floats
    deferred_s: Floats
    gap_s: Floats
    crowd: Floats
    parts_s: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.position)

    @property
    def coldness(self) -> Floats:
        """How cold the worker was, 0 to 1."""
        return -np.expm1(-self.gap_s / WARM_GAP_S)


def observe(recording: "Recording", deferring: Sequence[str]) -> Observations:
    """Return what a recording shows of each processed frame."""
    frames = recording.frames
    known = (frames["fate"] == "processed") & frames["total_ms"].notna()
    done = frames[known & frames["received_ms"].notna()]
    begin = (done["received_ms"] + done["queued_ms"]).to_numpy() / 1e3
    end = (done["received_ms"] + done["total_ms"]).to_numpy() / 1e3
    session = done["session"].to_numpy()
    pinned = {s["session"]: s.get("worker") for s in recording.sessions}
    worker = np.array([_worker(pinned.get(s), s) for s in session], dtype=np.int64)
    service = (done["total_ms"] - done["queued_ms"]).to_numpy() / 1e3
    parts = {"decode_ms": done["decode_ms"].to_numpy() / 1e3}
    deferred = np.zeros(len(done))
    for node in recording.nodes:
        column = node_column(node)
        values = np.nan_to_num(done[column].to_numpy()) / 1e3
        if node in deferring and len(values):
            least = np.minimum(values, np.quantile(values, BASELINE))
            deferred += values - least
            values = least
        parts[column] = values
    return Observations(
        session,
        done["video_frame"].to_numpy(),
        np.maximum(service - deferred, 1e-6),
        deferred,
        _gaps(worker, begin, end),
        _crowds(worker, begin, end),
        parts,
    )


def _worker(told: Any, session: int) -> int:
    return int(told) if told is not None else -1 - int(session)


def _gaps(worker: Ints, begin: Floats, end: Floats) -> Floats:
    gaps = np.full(len(worker), LONG_GAP_S)
    for one in np.unique(worker):
        rows = np.flatnonzero(worker == one)
        rows = rows[np.argsort(begin[rows], kind="stable")]
        gaps[rows[1:]] = np.maximum(0.0, begin[rows[1:]] - end[rows[:-1]])
    return gaps


def _crowds(worker: Ints, begin: Floats, end: Floats) -> Floats:
    crowd = np.zeros(len(worker))
    length = np.maximum(end - begin, 1e-9)
    for one in np.unique(worker):
        rows = np.flatnonzero(worker == one)
        order = rows[np.argsort(begin[rows], kind="stable")]
        edges = np.ravel(np.column_stack([begin[order], end[order]]))
        edges = np.maximum.accumulate(edges)
        spent = np.concatenate([[0.0], np.cumsum(edges[1::2] - edges[::2])])
        busy_at = np.ravel(np.column_stack([spent[:-1], spent[1:]]))
        others = worker != one
        busy = np.interp(end[others], edges, busy_at) - np.interp(begin[others], edges, busy_at)
        crowd[others] += busy / length[others]
    return crowd


def fit_slowdown(all_seen: Sequence[Observations]) -> Slowdown:
    """Estimate by how much idle time and busy neighbours slow a frame down.

    The logarithm of a frame's time is taken as that of its place in the video, plus a share of the
    coldness, plus a share for each busy neighbour; places by their medians, shares by least
    squares, in turn (backfitting). Only places seen under different conditions say anything:
    without such there is no slowdown.
    """
    position = np.concatenate([seen.position for seen in all_seen])
    log_own = np.log(np.concatenate([seen.own_s for seen in all_seen]))
    cold = np.concatenate([seen.coldness for seen in all_seen])
    crowd = np.concatenate([seen.crowd for seen in all_seen])
    places, place, counts = np.unique(position, return_inverse=True, return_counts=True)
    several = counts[place] > 1
    if several.sum() < MIN_OBSERVATIONS:
        return NO_SLOWDOWN
    place, log_own = place[several], log_own[several]
    cold, crowd = cold[several], crowd[several]
    has_idle = cold.max() > CROWDED and cold.min() < APART
    has_crowd = crowd.max() > CROWDED and crowd.min() < APART
    most = max(1, round(float(np.quantile(crowd, 0.95))))
    effects = [column for column, has in ((cold, has_idle), (crowd, has_crowd)) if has]
    if not effects:
        return NO_SLOWDOWN
    design = np.column_stack(effects)
    shares = np.zeros(design.shape[1])
    order = np.argsort(place, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(place[order])) + 1)
    for _ in range(ROUNDS):
        rest = log_own - design @ shares
        level = np.zeros(len(places))
        centred = design.copy()
        for rows in groups:
            level[place[rows]] = np.median(rest[rows])
            centred[rows] -= design[rows].mean(axis=0)
        left = log_own - level[place]
        usual = np.abs(left) < 3 * max(1e-6, float(np.median(np.abs(left))))
        change, *_ = np.linalg.lstsq(centred[usual], (left - design @ shares)[usual], rcond=None)
        shares = np.clip(shares + change, 0.0, 1.5)
    found = dict(
        zip(
            [n for n, has in (("idle", has_idle), ("crowd", has_crowd)) if has], shares, strict=True
        )
    )
    return Slowdown(
        idle=float(np.expm1(found.get("idle", 0.0))),
        crowd=float(np.expm1(found.get("crowd", 0.0))),
        crowd_workers=most,
    )


def factors(seen: Observations, slowdown: Slowdown) -> Floats:
    """Return by how much each observed frame was slowed down."""
    crowd = np.minimum(seen.crowd, slowdown.crowd_workers)
    made: Floats = (1 + slowdown.idle * seen.coldness) * (1 + slowdown.crowd * crowd)
    return made
