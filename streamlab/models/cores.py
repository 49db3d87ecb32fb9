"""How many cores one frame may use: set by its worker, read by the networks of its tools."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class FrameCores:
    """What a frame may use, and what its networks report of it."""

    allowed: int = 1
    threads: int = 1
    """The most threads that a network of the frame ran with."""
    spared_ms: float = 0.0
    """What the frame would have taken longer with one thread, as far as is known."""

    def report(self, threads: int, spared_ms: float) -> None:
        """Take note of a run with several threads."""
        self.threads = max(self.threads, threads)
        self.spared_ms += spared_ms


_current: ContextVar[FrameCores | None] = ContextVar("streamlab_frame_cores", default=None)


@contextmanager
def frame_cores(allowed: int) -> Iterator[FrameCores]:
    """Allow the networks that run in this block, in this thread, so many cores."""
    cores = FrameCores(allowed)
    token = _current.set(cores)
    try:
        yield cores
    finally:
        _current.reset(token)


def current_cores() -> FrameCores:
    """Return what the frame in hand may use: one core where no worker has said more."""
    return _current.get() or FrameCores()
