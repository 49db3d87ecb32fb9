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
    """The weight of the readings behind its least supported place; a sure one has 0.8."""
    opposition: float
    """The weight of the readings that agree on something else in one place."""


NO_OUTCOME = Outcome("", 0.0, 0.0, 0.0)


class Vote:
    """Readings of one text, weighted by how sure each was and how well the text was seen.

    >>> vote = Vote()
    >>> for text, score in [("KX-4878", 0.95), ("IKX-9873", 0.95), ("XX-4873", 0.95)]:
    ...     vote.add(Reading(text, score, (score,) * len(text)))
    >>> vote.outcome().text
    'KX-4873'

    ROVER (Fiscus, "A post-processing system to yield reduced word error rates: Recognizer output
    voting error reduction", ASRU 1997) over characters: the readings are aligned with the
    heaviest of them, and in every place the character with the most weight wins, or none at all.
    So a text can win that no single reading had right, and edges that are read as a different
    letter each time fall away.
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
        weighed = [(self._weight(r, view), r.text) for r, view in self._readings]
        total = sum(weight for weight, _ in weighed)
        if total <= 0:
            return NO_OUTCOME
        _, pivot = max(weighed)
        places = [defaultdict[str, float](float) for _ in range(2 * len(pivot) + 1)]
        for weight, text in weighed:
            for place, found in zip(places, aligned(text, pivot), strict=True):
                place[found] += weight
        chosen, support, opposition = "", total, 0.0
        for place in places:
            best, *others = sorted(place.items(), key=lambda item: (-item[1], item[0]))
            chosen += best[0]
            support = min(support, best[1])
            opposition = max([opposition, *(weight for _, weight in others)])
        return Outcome(chosen, support / (support + opposition + _DOUBT), support, opposition)

    def _weight(self, reading: Reading, view: float) -> float:
        if not reading.text:
            return 0.0
        # Engines are over-confident: a score of 0.9 is right four times in five, one of 0.98
        # nearly always.
        seen = view / self.best_view if self.best_view else 1.0
        weight: float = reading.score**_SCORE_STEEPNESS * seen**_VIEW_STEEPNESS
        return weight


def aligned(text: str, pivot: str) -> list[str]:
    """Return what `text` has in the places of `pivot`: before, in and after each character.

    The places are those of the least edits (Levenshtein): `2 * len(pivot) + 1` strings, empty
    where `text` has nothing, which put together are `text`.

    >>> aligned("IKX4", "KX-4")
    ['I', 'K', '', 'X', '', '', '', '4', '']
    """
    rows, columns = len(text), len(pivot)
    cost = [[i + j for j in range(columns + 1)] for i in range(rows + 1)]
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            same = cost[i - 1][j - 1] + (text[i - 1] != pivot[j - 1])
            cost[i][j] = min(same, cost[i - 1][j] + 1, cost[i][j - 1] + 1)
    places = [""] * (2 * columns + 1)
    i, j = rows, columns
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + (text[i - 1] != pivot[j - 1]):
            places[2 * j - 1] = text[i - 1]
            i, j = i - 1, j - 1
        elif i and cost[i][j] == cost[i - 1][j] + 1:
            places[2 * j] = text[i - 1] + places[2 * j]
            i -= 1
        else:
            j -= 1
    return places
