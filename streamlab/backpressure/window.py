"""Sliding windows over time: what share of events was marked, and how long something was on.

Times are seconds on any clock that does not run backwards. Each call costs amortised constant time.
"""

from collections import deque


class EventWindow:
    """Counts events of the last `length_s` seconds, and how many of them were marked."""

    __slots__ = ("_events", "length_s", "marked", "total")

    def __init__(self, length_s: float) -> None:
        self.length_s = length_s
        self.total = 0
        self.marked = 0
        self._events: deque[tuple[float, bool]] = deque()

    def add(self, now: float, marked: bool = False) -> None:
        """Count an event at `now`."""
        self._events.append((now, marked))
        self.total += 1
        self.marked += marked

    def slide(self, now: float) -> None:
        """Forget what is older than the window."""
        oldest = now - self.length_s
        events = self._events
        while events and events[0][0] <= oldest:
            self.total -= 1
            self.marked -= events.popleft()[1]


class BusyWindow:
    """Measures for how much of the last `length_s` seconds something was on."""

    __slots__ = ("_closed_s", "_since", "_spans", "length_s")

    def __init__(self, length_s: float) -> None:
        self.length_s = length_s
        self._since: float | None = None
        self._spans: deque[tuple[float, float]] = deque()
        self._closed_s = 0.0

    def switch_on(self, now: float) -> None:
        """Begin a span at `now`; nothing happens if one has begun."""
        if self._since is None:
            self._since = now

    def switch_off(self, now: float) -> None:
        """End the span at `now`; nothing happens if none has begun."""
        if self._since is not None:
            self._spans.append((self._since, now))
            self._closed_s += now - self._since
            self._since = None

    def at_most(self, now: float) -> float:
        """Return a bound of `seconds`, without looking what has left the window."""
        since = self._since
        return self._closed_s if since is None else self._closed_s + now - since

    def seconds(self, now: float) -> float:
        """Return the seconds of the window in which it was on."""
        oldest = now - self.length_s
        spans = self._spans
        while spans and spans[0][1] <= oldest:
            start, end = spans.popleft()
            self._closed_s -= end - start
        seconds = self._closed_s if spans else 0.0
        if spans and spans[0][0] < oldest:
            seconds -= oldest - spans[0][0]
        if self._since is not None:
            seconds += now - (self._since if self._since > oldest else oldest)
        return seconds
