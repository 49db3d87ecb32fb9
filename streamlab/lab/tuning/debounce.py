"""`Debouncer`: gathers calls that come faster than a panel can be drawn."""

import asyncio
from collections.abc import Callable

DELAY_S = 0.005
"""Time over which calls are gathered; calls during a drawing are gathered as well."""


class Debouncer:
    """Calls `action` once after any number of calls of `call`, from the running event loop.

    Without a running loop, `action` is called by `flush` only.
    """

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action
        self._is_due = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_timed(self) -> bool:
        """Whether a call of `action` is scheduled on an event loop."""
        return self._timer is not None

    def call(self) -> None:
        """Schedule a call of `action`."""
        self._is_due = True
        if self._timer is not None:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._timer = loop.call_later(DELAY_S, self.flush)

    def flush(self) -> None:
        """Call `action` now if a call is pending."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._is_due:
            self._is_due = False
            self._action()
