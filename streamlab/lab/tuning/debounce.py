"""Moves that come faster than they can be drawn: only the last of a burst is."""

import asyncio
from collections.abc import Callable

DELAY_S = 0.005
"""For how long moves are gathered; what arrives while a picture is drawn is gathered as well."""


class Bursts:
    """Calls `action` once after any number of calls of `call`, from the event loop that runs.

    Without one, `action` waits until `settle`.
    """

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action
        self._is_due = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_timed(self) -> bool:
        """Whether an event loop will call `action`."""
        return self._timer is not None

    def call(self) -> None:
        """Have `action` called soon."""
        self._is_due = True
        if self._timer is not None:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._timer = loop.call_later(DELAY_S, self.settle)

    def settle(self) -> None:
        """Call `action` now, if a call of it is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._is_due:
            self._is_due = False
            self._action()
