"""`ReplayArrays`: a replay as the arrays that a dashboard draws."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from streamlab.backpressure.realtime import STATES
from streamlab.charts.outcomes import BAR_SECONDS, MOST_BARS
from streamlab.charts.style import OUTCOMES
from streamlab.client.record import CAUSES, FATES
from streamlab.recording.summary import DROPPED, PROCESSED, Floats

if TYPE_CHECKING:
    from streamlab.replay.outcome import Replay
    from streamlab.replay.session_load import SessionOutcome

NAMES = tuple(OUTCOMES)
_OF_OUTCOME = np.array([NAMES.index(name) if name in NAMES else 0 for name in FATES])
_OF_CAUSE = np.array([NAMES.index(cause) for cause in CAUSES])


class ReplayArrays:
    """A replay's frames by outcome, its states and its requests to slow down; times in seconds.

    `outcome` has positions in `NAMES`, the keys of `OUTCOMES`.
    """

    def __init__(self, replay: "Replay[Any]") -> None:
        columns = replay.columns
        self.due_s: Floats = columns.scheduled_ms / 1e3
        self.round_trip_ms = columns.round_trip_ms
        dropped = columns.outcome == DROPPED
        self.outcome = np.where(dropped, _OF_CAUSE[columns.cause], _OF_OUTCOME[columns.outcome])
        done = columns.outcome == PROCESSED
        self.done_s, self.done_ms = self.due_s[done], self.round_trip_ms[done]
        self.sorted_ms = np.sort(self.done_ms)
        self.end_s = float(self.due_s.max(initial=0.0))
        outcomes = replay.outcomes
        self.spans = worst_spans(outcomes, self.end_s)
        self.slow_down_s = [
            time for outcome in outcomes for time, kind, *_ in outcome.events if kind == "slow_down"
        ]

    def times_of(self, name: str) -> Floats:
        """Return the due times (s) of the frames of an outcome."""
        times: Floats = self.due_s[self.outcome == NAMES.index(name)]
        return times

    def names(self) -> list[str]:
        """Return the outcomes that occur."""
        counts = np.bincount(self.outcome, minlength=len(NAMES))
        return [name for name, count in zip(NAMES, counts, strict=True) if count]

    def counts(self, width_s: float) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return numbers of frames by outcome (rows) and by bar of `width_s` seconds."""
        spans = int(self.end_s // width_s) + 1
        place = (self.due_s // width_s).astype(np.int64)
        flat = np.bincount(self.outcome * spans + place, minlength=len(NAMES) * spans)
        return flat.reshape(len(NAMES), spans)


def bar_seconds(span_s: float) -> int:
    """Return the width of a bar in seconds, as in `outcomes_by_second`."""
    return next((w for w in BAR_SECONDS if span_s / w <= MOST_BARS), BAR_SECONDS[-1])


def worst_spans(
    outcomes: "Sequence[SessionOutcome]", end_s: float
) -> list[tuple[str, float, float]]:
    """Return spans in which the worst state of any session is not `normal`: state, start, end."""
    changes = sorted(
        (time, number, STATES.index(state))
        for number, outcome in enumerate(outcomes)
        for time, kind, state, _ in outcome.events
        if kind == "state" and state in STATES
    )
    rank = [0] * len(outcomes)
    spans: list[tuple[str, float, float]] = []
    worst, since = 0, 0.0
    for time, number, new in [*changes, (max(end_s, changes[-1][0] if changes else 0.0), -1, 0)]:
        rank = [0] * len(outcomes) if number < 0 else [*rank[:number], new, *rank[number + 1 :]]
        if max(rank, default=0) != worst:
            if worst:
                spans.append((STATES[worst], since, time))
            worst, since = max(rank, default=0), time
    return spans


def round_up(value: float, steps: Iterable[float] = (1, 1.5, 2, 3, 5, 7.5)) -> float:
    """Return a value rounded up to few steps, so that axes seldom change while a slider moves.

    >>> round_up(42.0), round_up(180.0)
    (50.0, 200.0)
    """
    if value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    steps = list(steps)
    return float(next((s * power for s in steps if s * power >= value), 10 * power))


def steps(arrays: ReplayArrays) -> tuple[Any, Any]:
    """Return the points of the empirical distribution function of the round trips."""
    values = arrays.sorted_ms
    if not len(values):
        return [], []
    shares = np.arange(len(values) + 1) / len(values)
    return np.repeat(np.append(values[0], values), 2)[1:], np.repeat(shares, 2)[:-1]
