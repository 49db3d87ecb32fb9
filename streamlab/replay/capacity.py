"""`capacity`: figures by number of sessions and workers, in virtual time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

from streamlab.client.options import is_iterable, positive, whole
from streamlab.errors import OptionError
from streamlab.recording.summary import TARGET_MS
from streamlab.replay.plan import CapacityOptionsDict
from streamlab.replay.sweep import sweep
from streamlab.replay.trace import as_trace

if TYPE_CHECKING:
    import pandas as pd

    from streamlab.recording.data import RecordingData
    from streamlab.replay.trace import Trace

LEFT_OUT = (
    "The model has workers and their scheduling, idle time, contention for cores, and client "
    "lateness. It leaves out the time that a server process spends on receiving, dropping and "
    "answering frames, the network's bandwidth, memory, and clients that use the workers' cores: "
    "many workers need several servers, and a server on a machine of its own does better than one "
    "that shares it."
)


def capacity(
    trace: "Trace[Any] | RecordingData",
    sessions: Sequence[int],
    workers: Sequence[int] | None = None,
    *,
    fps: float | None = None,
    seconds: float = 10.0,
    progress: bool = True,
    processes: int | None = None,
    **settings: Unpack[CapacityOptionsDict],
) -> "pd.DataFrame":
    """Replay a trace for every number of sessions on every number of workers, a row each.

    Sessions beyond the recorded ones begin at other times and have the service times of
    neighbouring frames; workers beyond those of the recorded server are on further machines like
    it. Columns as those of `sweep`. The limits of the model are in
    `streamlab.replay.capacity.LEFT_OUT`. Raises `OptionError`.

    >>> capacity(trace, sessions=[1, 5, 10], workers=[1, 2], fps=15, seconds=2)
    """
    found = as_trace(trace)
    positive("seconds", seconds)
    for name, counts in (("sessions", sessions), ("workers", workers)):
        if counts is not None and not is_iterable(counts):
            raise OptionError(name, counts, "a list of whole numbers is allowed")
    for count in sessions:
        whole("sessions", count, 1)
    grid = [
        {"workers": w, "sessions": s, "fps": fps or found.fps, "seconds": seconds, **settings}
        for w in workers or [found.machine_workers]
        for s in sessions
    ]
    return sweep(found, grid, progress=progress, processes=processes)


def breaking_points(
    table: "pd.DataFrame", p95_ms: float = TARGET_MS, drop_rate: float = 0.01
) -> "pd.DataFrame":
    """Return, for each number of workers, the most sessions within a latency and a drop rate.

    The largest number of sessions up to which all numbers of the table are within the limits.
    `table` is one of `capacity`. Columns: `workers`, `sessions` and `a_worker`, sessions per
    worker.

    >>> breaking_points(capacity(trace, sessions=[1, 5, 10], seconds=2), p95_ms=50)
    """
    import pandas as pd

    for name in ("sessions", "workers", "p95_ms", "drop_rate"):
        if name not in getattr(table, "columns", ()):
            allowed = f"a table of capacity() is needed; it has no column {name!r}"
            raise OptionError("table", type(table).__name__, allowed)
    rows = []
    for workers, part in table.sort_values("sessions").groupby("workers"):
        good = (part["p95_ms"] <= p95_ms) & (part["drop_rate"] <= drop_rate)
        held = part[good.cumprod().astype(bool)]
        most = int(held["sessions"].max()) if len(held) else 0
        rows.append({"workers": workers, "sessions": most, "a_worker": most / float(workers)})
    return pd.DataFrame(rows)
