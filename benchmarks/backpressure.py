"""Backpressure against other rules, in virtual time: one session, 50 ms a frame, 60 s.

The others: a single slot in which the latest frame replaces the one before it; a line of 100; and
a rule that drops while the share of frames dropped since the start, or a last frame over 33.3 ms,
says so, which latches.
"""

from collections import deque
from collections.abc import Callable, Sequence

from streamlab.quantiles import quantile
from streamlab.sessions.simulation import simulate

from .table import show

SERVICE_S = 0.05
SECONDS = 60
Service = Callable[[float], float]


def lines(
    arrivals: Sequence[float], service_s: Service, depth: int, newest: bool
) -> tuple[list[float], int]:
    """Run a line of a depth: `newest` replaces what waits, else a full line turns away."""
    waiting: deque[float] = deque()
    latencies, free_at = [], 0.0
    for at in [*arrivals, float("inf")]:
        while waiting and free_at <= at:
            start = max(free_at, waiting[0])
            if start > at:
                break
            free_at = start + service_s(start)
            latencies.append(free_at - waiting.popleft())
        if at == float("inf"):
            break
        if free_at <= at and not waiting:
            free_at = at + service_s(at)
            latencies.append(free_at - at)
        elif len(waiting) < depth:
            waiting.append(at)
        elif newest:
            waiting.popleft()
            waiting.append(at)
    return latencies, len(latencies)


def lifetime(arrivals: Sequence[float], service_s: Service) -> tuple[list[float], int]:
    """Drop when the last frame took over 33.3 ms or over 10 % of all frames so far were dropped."""
    latencies, free_at, last_s, dropped = [], 0.0, 0.0, 0
    for number, at in enumerate(arrivals, 1):
        if last_s > 0.0333 or dropped / number > 0.10:
            dropped += 1
            continue
        start = max(at, free_at)
        last_s = service_s(start)
        free_at = start + last_s
        latencies.append(free_at - at)
    return latencies, len(latencies)


def regular(fps: float) -> list[float]:
    """Return even arrivals."""
    return [k / fps for k in range(int(fps * SECONDS))]


def bursts(fps: float, size: int) -> list[float]:
    """Return arrivals of `size` frames at once, `fps` on average."""
    return [k // size * size / fps for k in range(int(fps * SECONDS))]


def steady(now: float) -> float:
    """Return the service time of a pipeline that is always the same."""
    return SERVICE_S


def stalled(now: float) -> float:
    """Return that of a pipeline that stalls once, for 400 ms."""
    return 0.4 if 30 <= now < 30.05 else SERVICE_S


def warming(now: float) -> float:
    """Return that of a pipeline of 20 ms whose first frame takes 200 ms."""
    return 0.2 if now == 0 else 0.02


SCENARIOS: list[tuple[str, list[float], Service]] = [
    ("15 fps", regular(15), steady),
    ("30 fps, 20 ms, first frame 200 ms", regular(30), warming),
    ("bursts of 3, 15 fps", bursts(15, 3), steady),
    ("bursts of 3, one stall", bursts(15, 3), stalled),
    ("one 400 ms stall, 10 fps", regular(10), stalled),
    ("one 400 ms stall, 15 fps", regular(15), stalled),
    ("2.5 % over capacity", regular(20.5), steady),
    ("twice the capacity", regular(40), steady),
    ("four times the capacity", regular(80), steady),
]


def main() -> None:
    """Simulate and print."""
    rows = []
    for name, arrivals, service_s in SCENARIOS:
        ours = simulate(arrivals, service_s)
        results: list[tuple[str, list[float], object]] = [
            ("streamlab", ours.latencies_s, len(ours.changes)),
            ("latest-wins slot", lines(arrivals, service_s, 1, newest=True)[0], "-"),
            ("line of 100", lines(arrivals, service_s, 100, newest=False)[0], "-"),
            ("lifetime rate", lifetime(arrivals, service_s)[0], "-"),
        ]
        for rule, latencies_s, changes in results:
            p50, p99 = (1e3 * quantile(latencies_s, share) for share in (0.50, 0.99))
            processed = f"{100 * len(latencies_s) / len(arrivals):.0f}"
            rows.append((name, rule, processed, f"{p50:.0f}", f"{p99:.0f}", changes))
    header = ("load", "rule", "processed %", "p50 ms", "p99 ms", "changes of state")
    show(f"{SERVICE_S * 1e3:.0f} ms a frame, {SECONDS} s, virtual time", header, rows)


if __name__ == "__main__":
    main()
