"""Memory of the server and its workers, and the time from start to healthy and warm.

Memory is the proportional set size (PSS) of all processes, so that shared pages count once.
"""

import threading
import time

import psutil

from streamlab.media.samples import sample_path
from streamlab.server.routes import HEALTH_PATH
from streamlab.server.subprocess import ServerProcess

from .load import encoded, stream
from .table import median, show

RUNS = 3
SESSIONS = 10
FPS = 15
SECONDS = 15


def memory_mb(pid: int) -> float:
    """Return the PSS of a process and its children, MB."""
    server = psutil.Process(pid)
    family = [server, *server.children(recursive=True)]
    return float(sum(process.memory_full_info().pss for process in family)) / 1e6


def main() -> None:
    """Measure and print."""
    healthy, warm, idle, busy = [], [], [], []
    with encoded(sample_path("gate_easy")) as spool:
        for _ in range(RUNS):
            start = time.perf_counter()
            with ServerProcess() as server:
                server.get(HEALTH_PATH)
                healthy.append(time.perf_counter() - start)
                server.wait_until_warm()
                warm.append(time.perf_counter() - start)
                idle.append(memory_mb(server.pid))
                halfway = threading.Timer(
                    SECONDS / 2, lambda pid=server.pid: busy.append(memory_mb(pid))
                )
                halfway.start()
                stream(server.base_url, server.token, [spool] * SESSIONS, FPS, SECONDS)
                halfway.join()
    rows = [
        ("start to healthy, s", median(healthy, 2)),
        ("start to warm, s", median(warm, 2)),
        ("idle and warm, MB", median(idle, 0)),
        (f"{SESSIONS} sessions at {FPS} fps, MB", median(busy, 0)),
    ]
    show(f"Footprint; medians of {RUNS} runs", ("what", "figure"), rows)


if __name__ == "__main__":
    main()
