"""Service times of recorded frames, and how idle time and contention slow a worker down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from streamlab.recording.columns import node_column
from streamlab.recording.summary import Floats, Ints
from streamlab.replay.session_load import WARM_GAP_S, Slowdown

if TYPE_CHECKING:
    import pandas as pd

    from streamlab.recording.data import RecordingData

LONG_GAP_S = 10.0
ROUNDS = 5
MIN_OBSERVATIONS = 30
BASELINE = 0.10
"""Quantile of a deferring node's time that is taken as its cost without deferred work."""
APART = 0.3
"""Mean number of busy neighbours below which a frame counts as run alone."""
COLD, WARM = 0.7, 0.3
OUTLIER = 4.0
"""Residuals above this multiple of the median one are left out of the estimate."""
AROUND = 2
"""Positions to either side over which the usual time of a position is taken."""


@dataclass(frozen=True)
class Observations:
    """Processed frames as arrays of one length; times in seconds.

    `own_s` is the service time without the work of deferring nodes, `deferred_s` that work, `gap_s`
    the worker's idle time before the frame, `busy_neighbours` the mean number of other busy workers
    meanwhile. `parts_s` has decoding and nodes, deferring nodes at their baseline. All are for one
    thread per network; `spared_s` is the time that a frame saved with several threads.
    """

    session: Ints
    position: Ints
    own_s: Floats
    deferred_s: Floats
    gap_s: Floats
    busy_neighbours: Floats
    parts_s: dict[str, Floats]
    spared_s: Floats
    received_fps: float = 0.0
    """Frames a second received by the server, over all sessions."""

    def __len__(self) -> int:
        return len(self.position)

    @property
    def cache_loss(self) -> Floats:
        """Share of the worker's caches lost in the idle time before each frame, 0 to 1."""
        return -np.expm1(-self.gap_s / WARM_GAP_S)


def observe(recording: "RecordingData", deferring: Sequence[str]) -> Observations:
    """Return the service time, idle gap and contention of each processed frame."""
    frames = recording.frames
    known = (frames["fate"] == "processed") & frames["total_ms"].notna()
    done = frames[known & frames["received_ms"].notna()]
    begin = (done["received_ms"] + done["queued_ms"]).to_numpy() / 1e3
    end = (done["received_ms"] + done["total_ms"]).to_numpy() / 1e3
    session = done["session"].to_numpy()
    worker = worker_numbers(recording, session)
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
    spared = np.nan_to_num(done["spared_ms"].to_numpy()) / 1e3
    parts[heaviest_part(parts)] += spared
    return Observations(
        session,
        done["video_frame"].to_numpy(),
        np.maximum(service - deferred + spared, 1e-6),
        deferred,
        _gaps(worker, begin, end),
        _mean_busy_neighbours(worker, begin, end),
        parts,
        spared,
        _received_fps(frames),
    )


def heaviest_part(parts_s: Mapping[str, Floats]) -> str:
    """Return the part that takes most, which is the node of the network that threads speed up."""
    return max(parts_s, key=lambda name: float(np.sum(parts_s[name])))


def _received_fps(frames: "pd.DataFrame") -> float:
    span_s = float(frames["scheduled_ms"].max() - frames["scheduled_ms"].min()) / 1e3
    return len(frames) / span_s if span_s > 0 else 0.0


def worker_numbers(recording: "RecordingData", sessions: Ints) -> Ints:
    """Return the worker of each of these sessions; an unknown one is a worker of its own."""
    pinned = {session["session"]: session.get("worker") for session in recording.sessions}
    workers = {session: pinned.get(session) for session in np.unique(sessions).tolist()}
    number = {s: -1 - s if worker is None else int(worker) for s, worker in workers.items()}
    return np.array([number[session] for session in sessions.tolist()], dtype=np.int64)


def _gaps(worker: Ints, begin: Floats, end: Floats) -> Floats:
    gaps = np.full(len(worker), LONG_GAP_S)
    for one in np.unique(worker):
        rows = np.flatnonzero(worker == one)
        rows = rows[np.argsort(begin[rows], kind="stable")]
        gaps[rows[1:]] = np.maximum(0.0, begin[rows[1:]] - end[rows[:-1]])
    return gaps


def _mean_busy_neighbours(worker: Ints, begin: Floats, end: Floats) -> Floats:
    neighbours = np.zeros(len(worker))
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
        neighbours[others] += busy / length[others]
    return neighbours


def fit_slowdown(observations: Sequence[Observations]) -> Slowdown:
    """Estimate the slowdown of a frame by idle time and by contention.

    Model: the service time of a frame is the usual time at its position in the video, times
    1 + `idle` x cache loss, times a ratio of contention. `idle` is a least-squares estimate within
    positions (fixed effects) on logarithms, over frames that ran alone; ratios of contention are
    kept frame by frame, because contention comes in bursts. Positions must have been observed under
    different conditions; without such there is no slowdown.
    """
    position = np.concatenate([each.position for each in observations])
    own = np.concatenate([each.own_s for each in observations])
    cache_loss = np.concatenate([each.cache_loss for each in observations])
    neighbours = np.concatenate([each.busy_neighbours for each in observations])
    alone = neighbours < APART
    idle = _idle_share(position[alone], np.log(own[alone]), cache_loss[alone])
    level = place_levels(observations, idle, int(position.max(initial=0)) + 1)
    contended = [
        each for each in observations if (each.busy_neighbours > APART).sum() >= MIN_OBSERVATIONS
    ]
    if not contended or alone.sum() < MIN_OBSERVATIONS:
        return Slowdown(idle)
    densest = max(contended, key=lambda each: float(each.busy_neighbours.mean()))
    most = max(1, round(float(np.quantile(densest.busy_neighbours, 0.95))))
    met = densest.busy_neighbours > most - APART
    shares = [(each.received_fps, _contention_share(each, level, idle)) for each in contended]
    ratios = _ratios(densest, level, idle)[met]
    return Slowdown(idle, tuple(ratios.round(6).tolist()), most, tuple(sorted(shares)))


def _ratios(observed: Observations, level: Floats, idle: float) -> Floats:
    made: Floats = observed.own_s / (level[observed.position] * (1 + idle * observed.cache_loss))
    return made


def _contention_share(observed: Observations, level: Floats, idle: float) -> float:
    """Return the cost of each busy neighbour as a share: least squares through the origin."""
    excess, neighbours = _ratios(observed, level, idle) - 1, observed.busy_neighbours
    share = float(excess @ neighbours) / max(1e-9, float(neighbours @ neighbours))
    return max(0.0, share)


def _idle_share(position: Ints, log_own: Floats, cache_loss: Floats) -> float:
    if len(cache_loss) < MIN_OBSERVATIONS or cache_loss.max() < COLD or cache_loss.min() > WARM:
        return 0.0
    _, place, counts = np.unique(position, return_inverse=True, return_counts=True)
    shared = counts[place] > 1
    if shared.sum() < MIN_OBSERVATIONS:
        return 0.0

    def within(values: Floats) -> Floats:
        means = np.bincount(place, values) / counts
        centred: Floats = (values - means[place])[shared]
        return centred

    x, y = within(cache_loss), within(log_own)
    if not x.any():
        return 0.0
    share = 0.0
    for _ in range(ROUNDS):
        left = y - share * x
        usual = np.abs(left) <= OUTLIER * max(1e-9, float(np.median(np.abs(left))))
        share = float((x[usual] @ y[usual]) / max(1e-12, float(x[usual] @ x[usual])))
    return float(np.clip(np.expm1(share), 0.0, 3.0))


def place_levels(observations: Sequence[Observations], idle: float, length: int) -> Floats:
    """Return the usual service time (s) at each position, alone on a worker with warm caches.

    The median of the observations at and around a position; interpolated where there are none.
    """
    position = np.concatenate([each.position for each in observations])
    neighbours = np.concatenate([each.busy_neighbours for each in observations])
    warm = np.concatenate([each.own_s / (1 + idle * each.cache_loss) for each in observations])
    alone = neighbours < APART
    if not alone.any():
        alone = np.ones(len(neighbours), dtype=bool)
    order = np.argsort(position[alone], kind="stable")
    place, seconds = position[alone][order], warm[alone][order]
    first = np.searchsorted(place, np.arange(length) - AROUND, side="left")
    behind = np.searchsorted(place, np.arange(length) + AROUND, side="right")
    levels = np.array(
        [np.median(seconds[a:b]) if b > a else np.nan for a, b in zip(first, behind, strict=True)]
    )
    known = np.flatnonzero(~np.isnan(levels))
    made: Floats = np.interp(np.arange(length), known, levels[known])
    return made


def warm_up_factors(observed: Observations, slowdown: Slowdown) -> Floats:
    """Return the factor by which idle time slowed each observed frame down."""
    made: Floats = 1 + slowdown.idle * observed.cache_loss
    return made
