"""Quantiles, everywhere by one rule: the smallest value that so many of the values do not exceed.

That is the nearest-rank method (Hyndman and Fan's definition 1): it is always one of the values.
"""

import math
from collections.abc import Sequence


def rank(count: int, share: float) -> int:
    """Return the position of a quantile among `count` sorted values, from 0.

    >>> rank(100, 0.95)
    94
    """
    return max(0, math.ceil(share * count) - 1)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed; NaN for none.

    >>> quantile([5.0, 1.0, 3.0], 0.5)
    3.0
    """
    if not values:
        return math.nan
    return sorted(values)[rank(len(values), share)]
