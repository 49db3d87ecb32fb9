"""`noop`, closed loop, one session, against a bare Tornado echo of the same frames.

The next frame is sent when the last is answered. Ours checks and decodes each JPEG, in a worker
process; the echo does neither.
"""

import asyncio
import time

from streamlab.client.connection import connect, stream_url
from streamlab.client.spool import FrameSpool
from streamlab.media.samples import sample_path
from streamlab.quantiles import quantile

from .load import encoded, inline_server, warm_server
from .table import median, show

RUNS = 5
FRAMES = 600


async def closed_loop(base_url: str, token: str | None, spool: FrameSpool) -> list[float]:
    """Return the milliseconds of each round trip."""
    connection = await connect(stream_url(base_url, pipeline_id="noop"), token)
    round_trips_ms = []
    for index in range(FRAMES):
        frame = spool.read(index % spool.count)
        assert frame is not None
        start = time.perf_counter()
        await connection.write_message(frame, binary=True)
        await connection.read_message()
        round_trips_ms.append((time.perf_counter() - start) * 1e3)
    connection.close()
    return round_trips_ms


def main() -> None:
    """Measure and print."""
    figures: dict[str, list[list[float]]] = {"streamlab noop": [], "bare echo": []}
    with (
        warm_server() as server,
        inline_server() as other,
        encoded(sample_path("gate_easy")) as spool,
    ):
        for _ in range(RUNS):
            ours = asyncio.run(closed_loop(server.base_url, server.token, spool))
            figures["streamlab noop"].append(ours)
            figures["bare echo"].append(asyncio.run(closed_loop(f"{other}/echo", None, spool)))
        frame_kb = sum(len(spool.read(i) or b"") for i in range(spool.count)) / spool.count / 1e3
    rows = []
    for label, runs in figures.items():
        p50, p99 = (median((quantile(run, share) for run in runs), 2) for share in (0.5, 0.99))
        base = median((quantile(run, 0.5) for run in figures["bare echo"]), 2)
        rows.append((label, p50, p99, round(1e3 / p50), f"{p50 / base:.1f}"))
    title = f"Closed loop, {FRAMES} frames of {frame_kb:.0f} kB, medians of {RUNS} runs"
    show(title, ("server", "p50 ms", "p99 ms", "frames/s", "ratio"), rows)


if __name__ == "__main__":
    main()
