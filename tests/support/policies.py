"""Admission policies for tests, and their registration for as long as a test runs."""

import contextlib

from streamlab.backpressure.admission import Decision, QueuePolicy
from streamlab.backpressure.policies import REGISTRY


@contextlib.contextmanager
def registered(**classes):
    """Register classes by name, and forget them at the end."""
    for name, policy_class in classes.items():
        REGISTRY.register(name, policy_class)
    try:
        yield
    finally:
        for name in classes:
            REGISTRY._own.pop(name, None)


class EveryOther(QueuePolicy):
    """Only every other frame is processed."""

    def arrive(self, now, frame_index):
        if frame_index % 2:
            return Decision((frame_index,))
        return super().arrive(now, frame_index)


class Newest(QueuePolicy):
    """What waits is dropped for the newest when a worker is free."""

    def expire(self, now):
        stale = tuple(self.queue)[:-1]
        for _ in stale:
            self.queue.popleft()
        return Decision(stale, "replaced")


class OneAtATime(QueuePolicy):
    """Reads the next frame when the one before it is done."""

    @property
    def has_room(self):
        return not self.queue and self.in_flight is None


class FailsAt(QueuePolicy):
    """Raises when frame 3 arrives."""

    def arrive(self, now, frame_index):
        if frame_index == 3:
            return self.stumble(frame_index)
        return super().arrive(now, frame_index)

    def stumble(self, frame_index):
        raise KeyError(f"no limit for frame {frame_index}")
