"""Which other thresholds a replay would have gone the same way under.

A run compares each threshold with rates, and nothing else. Between the highest rate that it was
not under and the lowest that it was, every threshold gives the very same run, which is why a sweep
need not repeat it.
"""

from math import inf
from typing import Any


class Bounds:
    """The half-open interval of thresholds, `least` <= t < `beyond`, that give the same run."""

    __slots__ = ("beyond", "least")

    def __init__(self) -> None:
        self.least = -inf
        self.beyond = inf

    def __contains__(self, threshold: float) -> bool:
        return self.least <= threshold < self.beyond


class WatchedThreshold(float):
    """A threshold that notes what it is compared with; it behaves as the number it is.

    >>> bounds = Bounds()
    >>> threshold = WatchedThreshold.of(0.1, bounds)
    >>> 0.05 > threshold, 0.2 > threshold, 0.06 < threshold / 2
    (False, True, False)
    >>> bounds.least, round(bounds.beyond, 3)
    (0.05, 0.12)
    """

    bounds: Bounds
    divisor: float

    @classmethod
    def of(cls, value: float, bounds: Bounds, divisor: float = 1.0) -> "WatchedThreshold":
        """Watch a value; `divisor` is what it was divided by since."""
        watched = cls(value)
        watched.bounds = bounds
        watched.divisor = divisor
        return watched

    def __lt__(self, rate: float) -> bool:
        """Say whether a rate is above."""
        bounds, at = self.bounds, rate * self.divisor
        if float.__lt__(self, rate):
            bounds.beyond = min(bounds.beyond, at)
            return True
        bounds.least = max(bounds.least, at)
        return False

    def __gt__(self, rate: float) -> bool:
        """Say whether a rate is under."""
        bounds, at = self.bounds, rate * self.divisor
        if float.__gt__(self, rate):
            # strictly above the rate: the least float that is
            bounds.least = max(bounds.least, _next_above(at))
            return True
        bounds.beyond = min(bounds.beyond, _next_above(at))
        return False

    def __truediv__(self, divisor: Any) -> "WatchedThreshold":
        """Return the watched quotient."""
        return self.of(float(self) / divisor, self.bounds, self.divisor * divisor)

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        """Travel as a plain number."""
        return float, (float(self),)


def _next_above(value: float) -> float:
    from math import nextafter

    return nextafter(value, inf)
