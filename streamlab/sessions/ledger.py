"""The ledger of a session: every frame received stands in exactly one column, at every moment."""

from collections.abc import Mapping
from typing import Any

from streamlab.backpressure.realtime import DROP_CAUSES, DropCause


class Ledger:
    """Counts frames by outcome.

    `received = processed + dropped{by cause} + rejected + failed + waiting + in_flight` holds after
    every call.

    >>> ledger = Ledger()
    >>> ledger.admit(); ledger.start(); ledger.complete()
    >>> ledger.received, ledger.processed, ledger.is_balanced
    (1, 1, True)
    """

    def __init__(self) -> None:
        self.received = 0
        self.processed = 0
        self.rejected = 0
        self.failed = 0
        self.waiting = 0
        self.in_flight = 0
        self.dropped: dict[DropCause, int] = dict.fromkeys(DROP_CAUSES, 0)

    @property
    def is_balanced(self) -> bool:
        """Whether the equation holds and no column is negative."""
        columns = [self.processed, self.rejected, self.failed, self.waiting, self.in_flight]
        columns += self.dropped.values()
        return self.received == sum(columns) and min(columns) >= 0

    def admit(self) -> None:
        """A frame was received and waits."""
        self.received += 1
        self.waiting += 1

    def reject(self) -> None:
        """A message was received that is no usable frame."""
        self.received += 1
        self.rejected += 1

    def start(self) -> None:
        """A waiting frame is in flight now."""
        self.waiting -= 1
        self.in_flight += 1

    def drop(self, cause: DropCause) -> None:
        """A waiting frame was dropped."""
        self.waiting -= 1
        self.dropped[cause] += 1

    def complete(self) -> None:
        """The frame in flight was processed."""
        self.in_flight -= 1
        self.processed += 1

    def fail(self) -> None:
        """The pipeline failed on the frame in flight."""
        self.in_flight -= 1
        self.failed += 1

    def refuse(self) -> None:
        """The frame in flight could not be decoded."""
        self.in_flight -= 1
        self.rejected += 1

    def close(self) -> None:
        """The session ended: what waited or was in flight is dropped."""
        self.dropped["closed"] += self.waiting + self.in_flight
        self.waiting = self.in_flight = 0

    def to_dict(self) -> Mapping[str, Any]:
        """Return the columns, `dropped` by cause, as plain data."""
        return {
            "received": self.received,
            "processed": self.processed,
            "dropped": dict(self.dropped),
            "rejected": self.rejected,
            "failed": self.failed,
            "waiting": self.waiting,
            "in_flight": self.in_flight,
        }
