"""Threshold intervals under which a replay is identical.

A replay only compares each threshold with drop rates. Every threshold that gives the same results
for all these comparisons gives the same run, so a sweep need not repeat it.
"""

from math import inf
from typing import Any


class ThresholdInterval:
    """Half-open interval of thresholds, `least` <= t < `beyond`, that give the same run."""

    __slots__ = ("beyond", "least")

    def __init__(self) -> None:
        self.least = -inf
        self.beyond = inf

    def __contains__(self, threshold: float) -> bool:
        return self.least <= threshold < self.beyond


class WatchedThreshold(float):
    """A float that narrows an interval with each comparison to those of the same result.

    >>> interval = ThresholdInterval()
    >>> threshold = WatchedThreshold.of(0.1, interval)
    >>> 0.05 > threshold, 0.2 > threshold, 0.06 < threshold / 2
    (False, True, False)
    >>> interval.least, round(interval.beyond, 3)
    (0.05, 0.12)
    """

    interval: ThresholdInterval
    divisor: float

    @classmethod
    def of(
        cls, value: float, interval: ThresholdInterval, divisor: float = 1.0
    ) -> "WatchedThreshold":
        """Return a watched value; `divisor` is the number it was divided by, 1 at first."""
        watched = cls(value)
        watched.interval = interval
        watched.divisor = divisor
        return watched

    def __lt__(self, rate: float) -> bool:
        """Return whether a rate is above."""
        interval, at = self.interval, rate * self.divisor
        if float.__lt__(self, rate):
            interval.beyond = min(interval.beyond, at)
            return True
        interval.least = max(interval.least, at)
        return False

    def __gt__(self, rate: float) -> bool:
        """Return whether a rate is under."""
        interval, at = self.interval, rate * self.divisor
        if float.__gt__(self, rate):
            # strictly above the rate
            interval.least = max(interval.least, _next_above(at))
            return True
        interval.beyond = min(interval.beyond, _next_above(at))
        return False

    def __truediv__(self, divisor: Any) -> "WatchedThreshold":
        """Return the watched quotient."""
        return self.of(float(self) / divisor, self.interval, self.divisor * divisor)

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        """Pickle as a plain float."""
        return float, (float(self),)


def _next_above(value: float) -> float:
    from math import nextafter

    return nextafter(value, inf)
