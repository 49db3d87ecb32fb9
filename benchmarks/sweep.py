"""A thousand settings over a trace of 1,800 frames; ten thousand sessions on a thousand workers.

Beside the sweep stands the loop that one writes first: a replay for each setting, in this process.
"""

import time
from collections.abc import Sequence

from streamlab.lab import Recording, capacity, connect, sweep
from streamlab.replay.grid import run_one, settings_of

from .table import show

Grid = dict[str, Sequence[float]]

THRESHOLDS: Grid = {
    "drop_threshold": [0.02, 0.05, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25, 0.28, 0.30],
    "slowdown_threshold": [0.30, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.70, 0.80, 0.90],
    "waiting_frames": [1, 2, 3, 4, 6],
    "window_s": [1.0, 2.0],
}
RATES: Grid = {
    "fps": [20 + 0.36 * k for k in range(250)],
    "waiting_frames": [1, 2, 3, 4],
}


def timed(trace: Recording, name: str, load: Grid, grid: Grid) -> tuple[object, ...]:
    """Sweep a grid under a load, and time it against a plain loop over a part of it."""
    whole = {**grid, **load}
    begin = time.perf_counter()
    table = sweep(trace, whole, progress=False)
    ours = time.perf_counter() - begin
    found = trace.trace()
    part = settings_of(whole, tuple(whole))[::20]
    begin = time.perf_counter()
    for setting in part:
        run_one(found, setting)
    plain = (time.perf_counter() - begin) * len(table) / len(part)
    frames = round(table["sent"].mean())
    return name, len(table), frames, f"{ours:.1f}", f"{plain:.1f}", f"{plain / ours:.1f}"


def main() -> None:
    """Record, measure and print."""
    with connect(where="process") as lab:
        trace = lab.stream("gate_easy", progress=False)
    rows = [
        timed(trace, "thresholds, 30 fps", {"seconds": [60.0], "workers": [1]}, THRESHOLDS),
        timed(
            trace,
            "thresholds, 110 fps",
            {"fps": [110], "seconds": [16.4], "workers": [1]},
            THRESHOLDS,
        ),
        timed(
            trace,
            "thresholds, 200 fps",
            {"fps": [200], "seconds": [9.0], "workers": [1]},
            THRESHOLDS,
        ),
        timed(trace, "rates", {"seconds": [28.0], "workers": [1]}, RATES),
    ]
    header = ("grid", "settings", "frames", "sweep s", "plain loop s", "ratio")
    show("A sweep of 1,000 settings", header, rows)
    rows = []
    for sessions, workers in ((10, 2), (100, 20), (1000, 100), (10_000, 1000)):
        begin = time.perf_counter()
        table = capacity(trace, [sessions], [workers], fps=15, seconds=10, progress=False)
        seconds = time.perf_counter() - begin
        frames = int(table["sent"].sum())
        p95 = f"{table['p95_ms'].iloc[0]:.0f}"
        rows.append(
            (sessions, workers, frames, f"{seconds:.1f}", f"{1e6 * seconds / frames:.1f}", p95)
        )
    header = ("sessions", "workers", "frames", "s", "us a frame", "p95 ms")
    show("Many sessions on many workers, 15 fps, 10 s", header, rows)


if __name__ == "__main__":
    main()
