"""One text out of many readings of it."""

from collections import defaultdict
from typing import NamedTuple

from streamlab.tools.reading import Reading

_DOUBT = 0.25
"""How much weight of readings is not enough to believe them; half sure at as much."""
_SCORE_STEEPNESS = 10
_VIEW_STEEPNESS = 2


class Outcome(NamedTuple):
    """What a vote says so far."""

    text: str
    score: float
    """0 to 1: its support against the opposition, less while there are few readings."""
    support: float
    """The weight of the readings behind its least supported character; a sure one has 0.8."""
    opposition: float
    """The weight of the readings behind the next best text."""


NO_OUTCOME = Outcome("", 0.0, 0.0, 0.0)


class Vote:
    """Readings of one text, weighted by how sure each was and how much of it was seen.

    >>> vote = Vote()
    >>> for text, score in [("KX-4873", 0.97), ("KX-4878", 0.9), ("KX-4873", 0.9), ("X-4873", 0.8)]:
    ...     vote.add(Reading(text, score, (score,) * len(text)))
    >>> vote.outcome().text
    'KX-4873'

    The length with the most weight wins; among readings of that length each character is voted
    for by itself, so that a text can win that no single reading had right. This is the voting of
    ROVER (Fiscus, "A post-processing system to yield reduced word error rates", ASRU 1997) with
    confidence scores, for readings of one length in place of its alignment.
    """

    def __init__(self) -> None:
        self._readings: list[tuple[Reading, float]] = []
        self.best_view = 0.0

    def __len__(self) -> int:
        return len(self._readings)

    def add(self, reading: Reading, view: float = 1.0) -> None:
        """Take in a reading, also an empty one, which only counts.

        `view` says how well the text was seen, in any unit; what was seen worse than at another
        time weighs less.
        """
        self._readings.append((reading, view))
        self.best_view = max(self.best_view, view)

    def outcome(self) -> Outcome:
        """Return the text that the readings stand for; empty where there are none."""
        weights: dict[str, float] = defaultdict(float)
        lengths: dict[int, float] = defaultdict(float)
        for reading, view in self._readings:
            weight = self._weight(reading, view)
            weights[reading.text] += weight
            lengths[len(reading.text)] += weight
        if sum(weights.values()) <= 0:
            return NO_OUTCOME
        length = max(lengths, key=lambda n: (lengths[n], n))
        text, agreement = self._by_character(length)
        support = agreement * lengths[length]
        others = [w for t, w in weights.items() if len(t) != length]
        opposition = max([*others, lengths[length] - support])
        return Outcome(text, support / (support + opposition + _DOUBT), support, opposition)

    def _by_character(self, length: int) -> tuple[str, float]:
        """Return the best text of `length` and the share of votes for its least agreed place."""
        readings = [(r, self._weight(r, c)) for r, c in self._readings if len(r.text) == length]
        text, agreement = "", 1.0
        for place in range(length):
            votes: dict[str, float] = defaultdict(float)
            for reading, weight in readings:
                votes[reading.text[place]] += weight * reading.character_scores[place]
            best = max(votes, key=lambda c: (votes[c], c))
            text += best
            agreement = min(agreement, votes[best] / max(sum(votes.values()), 1e-9))
        return text, agreement

    def _weight(self, reading: Reading, view: float) -> float:
        if not reading.text:
            return 0.0
        # Engines are over-confident: a score of 0.9 is right four times in five, one of 0.98
        # nearly always.
        seen = view / self.best_view if self.best_view else 1.0
        weight: float = reading.score**_SCORE_STEEPNESS * seen**_VIEW_STEEPNESS
        return weight
