"""`LoadMeter`: what a session's load is, measured over a sliding window.

Times are seconds, ascending, on any clock. A rate or share is taken over the last `window_s`.
"""

from streamlab.backpressure.window import BusyWindow, EventWindow

WARMUP_FRAMES = 3
"""Frames that must be done before anything counts: models warm up in them."""
MIN_OUTCOMES = 10
"""A rate is taken over at least so many frames: one drop among the first three is no overload."""


class LoadMeter:
    """Counts what becomes of a session's frames, and for how long it had any.

    Three things are counted, each in a window of its own: frames that were started or dropped,
    arrivals that a `normal` queue had no room for (the excess), and frames that were finished. A
    fourth window has the time in which a frame was waiting or in flight.
    """

    __slots__ = (
        "_last_finish", "_shadow_free_at", "_shadow_waiting", "excess", "finished", "occupied",
        "outcomes", "warmup_left", "window_s",
    )  # fmt: skip

    def __init__(self, window_s: float) -> None:
        self.window_s = window_s
        self.warmup_left = WARMUP_FRAMES
        """Frames that are yet to be done before anything counts."""
        self.outcomes = EventWindow(window_s)
        """Frames that were started, and, marked, those that were dropped."""
        self.excess = EventWindow(window_s)
        """Arrivals; marked are those for which a `normal` queue would have dropped a frame."""
        self.finished = EventWindow(window_s)
        self.occupied = BusyWindow(window_s)
        self._last_finish: float | None = None
        self._shadow_waiting = 0
        self._shadow_free_at = float("-inf")

    def set_window(self, window_s: float) -> None:
        """Measure over another window; a shorter one forgets at once, a longer one fills up."""
        self.window_s = window_s
        for window in (self.outcomes, self.excess, self.finished, self.occupied):
            window.length_s = window_s

    def slide(self, now: float) -> None:
        """Forget what is older than the window."""
        for window in (self.outcomes, self.excess, self.finished):
            window.slide(now)

    def count_drops(self, now: float, dropped: tuple[int, ...]) -> None:
        """Count dropped frames."""
        for _ in dropped:
            self.outcomes.add(now, marked=True)

    def finish(self, now: float, waiting: int) -> None:
        """Count a frame that is done, `waiting` others behind it; the last of the warm-up too."""
        if self.warmup_left:
            self.warmup_left -= 1
            if not self.warmup_left:
                self.occupied = BusyWindow(self.window_s)
                if waiting:
                    self.occupied.switch_on(now)
        else:
            self.finished.add(now)
            self._last_finish = now
        if not waiting:
            self.occupied.switch_off(now)

    def follow_queue(self, now: float, waiting: int) -> None:
        """Begin the shadow queue anew, at what waits in the queue of a `normal` session."""
        self._shadow_waiting = waiting
        self._shadow_free_at = now

    def shadow_arrive(self, now: float, limit: int) -> bool:
        """Pass an arrival through the shadow queue; say whether it has no room for the frame.

        It is the queue that the session would have if it were `normal`: up to `limit` frames wait,
        and each takes as long as frames of this session do. Kept as two numbers.
        """
        fps = self.sustainable_fps(now)
        service_s = 1 / fps if fps else 0.0
        while self._shadow_waiting and self._shadow_free_at <= now:
            self._shadow_waiting -= 1
            self._shadow_free_at += service_s
        if self._shadow_free_at <= now:
            self._shadow_free_at = now + service_s
        elif self._shadow_waiting < limit:
            self._shadow_waiting += 1
        else:
            return True
        return False

    def drop_rate(self, now: float) -> float:
        """Return the share of the window's frames that were dropped, 0 to 1."""
        outcomes = self.outcomes
        outcomes.slide(now)
        return outcomes.marked / max(outcomes.total, MIN_OUTCOMES)

    def excess_rate(self, now: float) -> float:
        """Return the share of the window's arrivals that a `normal` queue had no room for."""
        excess = self.excess
        excess.slide(now)
        total = excess.total
        return excess.marked / (total if total > MIN_OUTCOMES else MIN_OUTCOMES)

    def busy(self, now: float) -> float:
        """Return the share of the window, 0 to 1, in which a frame was in flight or waiting."""
        share = self.occupied.seconds(now) / self.window_s
        return share if share < 1.0 else 1.0

    def is_surely_calm(self, now: float, busy: float) -> bool:
        """Whether there was no excess, and it was busy for less than a share; a cheap check."""
        return not self.excess.marked and self.occupied.at_most(now) < busy * self.window_s

    def offered_load(self, now: float) -> float:
        """Return what arrives as a share of what can be processed; 1 at most while it waits."""
        busy = self.busy(now)
        outcomes = self.outcomes
        outcomes.slide(now)
        kept = outcomes.total - outcomes.marked
        return busy * outcomes.total / kept if kept else busy

    def sustainable_fps(self, now: float) -> float | None:
        """Return the frames a second that the session can process; None if it has done none."""
        self.finished.slide(now)
        occupied_s = self.occupied.seconds(now)
        if self.finished.total and occupied_s > 0:
            return self.finished.total / occupied_s
        if self._last_finish is not None and occupied_s > 0:
            return 1 / (now - self._last_finish)
        return None
