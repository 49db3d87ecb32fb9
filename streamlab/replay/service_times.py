"""What recordings show of a worker: how long each frame took, after what gap, beside whom."""

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
"""Quantile of a deferring node's time that counts as what it costs when it has nothing to do."""
APART = 0.3
"""A frame with fewer busy neighbours than this, on average, ran alone."""
COLD, WARM = 0.7, 0.3
OUTLIER = 4.0
"""Residuals beyond so many times the median one have causes of their own."""
AROUND = 2
"""Frames to either side of a place that its usual time is taken over."""


@dataclass(frozen=True)
class Observations:
    """Processed frames as arrays of one length; times in seconds.

    `own_s` is the time at the worker without the work of deferring nodes, `deferred_s` is that
    work, `gap_s` the worker's idle time before, `crowd` the mean number of other busy workers.
    `parts_s` are decoding and nodes, those that defer at their baseline. All of these are with one
    thread for each network: `spared_s` is what a frame that had several took less.
    """

    session: Ints
    position: Ints
    own_s: Floats
    deferred_s: Floats
    gap_s: Floats
    crowd: Floats
    parts_s: dict[str, Floats]
    spared_s: Floats
    received_fps: float = 0.0
    """Frames a second that the server received, of all sessions."""

    def __len__(self) -> int:
        return len(self.position)

    @property
    def coldness(self) -> Floats:
        """How cold the worker was, 0 to 1."""
        return -np.expm1(-self.gap_s / WARM_GAP_S)


def observe(recording: "RecordingData", deferring: Sequence[str]) -> Observations:
    """Return what a recording shows of each processed frame."""
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
        _crowds(worker, begin, end),
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
    """Return the worker of each of these sessions; one of its own where that is not known."""
    pinned = {session["session"]: session.get("worker") for session in recording.sessions}
    told = {session: pinned.get(session) for session in np.unique(sessions).tolist()}
    number = {s: -1 - s if worker is None else int(worker) for s, worker in told.items()}
    return np.array([number[session] for session in sessions.tolist()], dtype=np.int64)


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

    A frame's time is taken as that of its place in the video, times a share of how cold its worker
    was, times what its neighbours cost. The share is a least-squares estimate within places (fixed
    effects) on logarithms, over frames that ran alone; the cost of neighbours is kept as it was
    met, frame by frame, because it comes in bursts. Only places that were seen under different
    conditions say anything: without such there is no slowdown.
    """
    position = np.concatenate([seen.position for seen in all_seen])
    own = np.concatenate([seen.own_s for seen in all_seen])
    cold = np.concatenate([seen.coldness for seen in all_seen])
    crowd = np.concatenate([seen.crowd for seen in all_seen])
    alone = crowd < APART
    idle = _idle_share(position[alone], np.log(own[alone]), cold[alone])
    level = place_levels(all_seen, idle, int(position.max(initial=0)) + 1)
    crowded = [seen for seen in all_seen if (seen.crowd > APART).sum() >= MIN_OBSERVATIONS]
    if not crowded or alone.sum() < MIN_OBSERVATIONS:
        return Slowdown(idle)
    densest = max(crowded, key=lambda seen: float(seen.crowd.mean()))
    most = max(1, round(float(np.quantile(densest.crowd, 0.95))))
    met = densest.crowd > most - APART
    shares = [(seen.received_fps, _crowd_share(seen, level, idle)) for seen in crowded]
    ratios = _ratios(densest, level, idle)[met]
    return Slowdown(idle, tuple(ratios.round(6).tolist()), most, tuple(sorted(shares)))


def _ratios(seen: Observations, level: Floats, idle: float) -> Floats:
    made: Floats = seen.own_s / (level[seen.position] * (1 + idle * seen.coldness))
    return made


def _crowd_share(seen: Observations, level: Floats, idle: float) -> float:
    """Return what each busy neighbour cost, as a share: least squares through no cost for none."""
    excess = _ratios(seen, level, idle) - 1
    share = float(excess @ seen.crowd) / max(1e-9, float(seen.crowd @ seen.crowd))
    return max(0.0, share)


def _idle_share(position: Ints, log_own: Floats, cold: Floats) -> float:
    if len(cold) < MIN_OBSERVATIONS or cold.max() < COLD or cold.min() > WARM:
        return 0.0
    _, place, counts = np.unique(position, return_inverse=True, return_counts=True)
    shared = counts[place] > 1
    if shared.sum() < MIN_OBSERVATIONS:
        return 0.0

    def within(values: Floats) -> Floats:
        means = np.bincount(place, values) / counts
        centred: Floats = (values - means[place])[shared]
        return centred

    x, y = within(cold), within(log_own)
    if not x.any():
        return 0.0
    share = 0.0
    for _ in range(ROUNDS):
        left = y - share * x
        usual = np.abs(left) <= OUTLIER * max(1e-9, float(np.median(np.abs(left))))
        share = float((x[usual] @ y[usual]) / max(1e-12, float(x[usual] @ x[usual])))
    return float(np.clip(np.expm1(share), 0.0, 3.0))


def place_levels(all_seen: Sequence[Observations], idle: float, length: int) -> Floats:
    """Return the usual seconds of a frame at each place, alone on a warm worker.

    The median of what was seen there and around; places without any have their neighbours'.
    """
    position = np.concatenate([seen.position for seen in all_seen])
    crowd = np.concatenate([seen.crowd for seen in all_seen])
    warm = np.concatenate([seen.own_s / (1 + idle * seen.coldness) for seen in all_seen])
    alone = crowd < APART
    if not alone.any():
        alone = np.ones(len(crowd), dtype=bool)
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


def coldness_factor(seen: Observations, slowdown: Slowdown) -> Floats:
    """Return by how much each observed frame was slowed down by idle time."""
    made: Floats = 1 + slowdown.idle * seen.coldness
    return made
