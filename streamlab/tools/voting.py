"""One text out of many readings of it."""

from collections import defaultdict
from typing import NamedTuple


class Outcome(NamedTuple):
    """What a vote says so far."""

    text: str
    score: float
    """0 to 1: the share of the votes behind it, less while there are few."""
    agreeing: int
    """How many readings were exactly this text."""


class Vote:
    """Readings of one text, weighted by how sure each was.

    >>> vote = Vote()
    >>> for text, weight in [("KX-4873", 0.9), ("KX-4878", 0.5), ("KX-4873", 0.8), ("X-4873", 0.6)]:
    ...     vote.add(text, weight)
    >>> vote.outcome().text
    'KX-4873'

    The length with the most weight wins; among readings of that length each character is voted
    for by itself, so that a text can win that no single reading had right (the voting of ROVER:
    Fiscus, "A post-processing system to yield reduced word error rates", ASRU 1997, with lengths
    that agree in place of its alignment).
    """

    def __init__(self) -> None:
        self._weights: dict[str, float] = defaultdict(float)
        self._counts: dict[str, int] = defaultdict(int)
        self.readings = 0

    def add(self, text: str, weight: float) -> None:
        """Take in one reading; an empty one counts as a reading and votes for nothing."""
        self.readings += 1
        if text and weight > 0:
            self._weights[text] += weight
            self._counts[text] += 1

    def outcome(self) -> Outcome:
        """Return the text that the readings stand for; empty where there are none."""
        if not self._weights:
            return Outcome("", 0.0, 0)
        total = sum(self._weights.values())
        by_length: dict[int, float] = defaultdict(float)
        for text, weight in self._weights.items():
            by_length[len(text)] += weight
        length = max(by_length, key=lambda n: (by_length[n], n))
        characters, shares = [], []
        for position in range(length):
            votes: dict[str, float] = defaultdict(float)
            for text, weight in self._weights.items():
                if len(text) == length:
                    votes[text[position]] += weight
            best = max(votes, key=lambda c: (votes[c], c))
            characters.append(best)
            shares.append(votes[best] / by_length[length])
        text = "".join(characters)
        evidence = 1 - 0.5 ** (total + 0.5)
        score = min(shares) * by_length[length] / total * evidence
        return Outcome(text, score, self._counts[text])
