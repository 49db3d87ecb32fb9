"""An engine that takes one thread or all cores, frame by frame, as its worker allows."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from statistics import median

from streamlab.models.cores import current_cores
from streamlab.models.engine import Engine
from streamlab.models.network import Array
from streamlab.models.onnx_file import OnnxFile

log = logging.getLogger("streamlab.models")

WORTH_MS = 10.0
"""A network that takes less with one thread gains next to nothing from a second."""
MOST_SHARE = 0.75
"""Of the time with one thread: where all cores take more, they are worth more to what else the
machine does."""
SAMPLES = 5
"""Runs that are remembered of each engine; their median is what it takes."""
TRY_EVERY = 30
"""Frames after which the other engine has a turn, since a machine's load changes."""


class ElasticEngine:
    """One file in two engines: one thread, and all cores for frames that have them alone.

    The second is loaded in a thread of its own when it may be worth it, and is used as long as it
    is measurably quicker. `open_engine` is called with the number of threads.
    """

    def __init__(
        self,
        open_engine: Callable[[int], Engine],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._open_engine = open_engine
        self._clock = clock
        self._narrow = open_engine(1)
        self._wide: Engine | None = None
        self._loading: threading.Thread | None = None
        self._shape: tuple[int, ...] = ()
        self._narrow_ms: deque[float] = deque(maxlen=SAMPLES)
        self._wide_ms: deque[float] = deque(maxlen=SAMPLES)
        self._frames = 0

    @property
    def device(self) -> str:
        """What it runs on."""
        return self._narrow.device

    @property
    def file(self) -> OnnxFile:
        """What the file says of itself."""
        return self._narrow.file

    def run(self, tensor: Array) -> list[Array]:
        """Return all outputs for the one input."""
        cores = current_cores()
        if cores.allowed < 2:
            return self._narrow.run(tensor)
        if tensor.shape != self._shape:
            self._shape = tensor.shape
            self._narrow_ms.clear()
            self._wide_ms.clear()
        wide = self._choose(cores.allowed)
        start = self._clock()
        outputs = (wide or self._narrow).run(tensor)
        taken_ms = 1e3 * (self._clock() - start)
        (self._wide_ms if wide else self._narrow_ms).append(taken_ms)
        if wide:
            cores.report(cores.allowed, median(self._narrow_ms or [taken_ms]) - taken_ms)
        return outputs

    def _choose(self, threads: int) -> Engine | None:
        """Return the engine with all cores if this frame is to run there."""
        if len(self._narrow_ms) < SAMPLES:
            return None
        narrow_ms = median(self._narrow_ms)
        if self._wide is None:
            if self._loading is None and narrow_ms >= WORTH_MS:
                self._loading = threading.Thread(
                    target=self._load, args=(threads,), name="streamlab-all-cores", daemon=True
                )
                self._loading.start()
            return None
        if len(self._wide_ms) < SAMPLES:
            return self._wide
        self._frames += 1
        pays = median(self._wide_ms) <= MOST_SHARE * narrow_ms
        is_trial = self._frames % TRY_EVERY == 0
        return self._wide if pays is not is_trial else None

    def _load(self, threads: int) -> None:
        try:
            wide = self._open_engine(threads)
        except Exception:
            log.warning("a network could not be loaded for all cores", exc_info=True)
            return
        self._wide = wide
