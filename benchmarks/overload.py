"""One session sent frames at four times what it can process, for 20 s, and the same inline.

The rate is four times what a closed loop of the same frames measures in the same run.
"""

import asyncio
import time

from streamlab.client.connection import connect, stream_url
from streamlab.client.record import SessionRecord
from streamlab.client.spool import FrameSpool
from streamlab.media.samples import sample_path
from streamlab.quantiles import quantile

from .load import encoded, inline_server, stream, warm_server
from .table import show

TIMES = 4
SECONDS = 20
PROBE_FRAMES = 150


async def capacity_fps(base_url: str, token: str, spool: FrameSpool) -> float:
    """Return the frames a second of a closed loop."""
    connection = await connect(stream_url(base_url, pipeline_id="yolo_ocr"), token)
    start = time.perf_counter()
    for index in range(PROBE_FRAMES):
        await connection.write_message(spool.read(index) or b"", binary=True)
        await connection.read_message()
    connection.close()
    return PROBE_FRAMES / (time.perf_counter() - start)


def row(label: str, record: SessionRecord) -> tuple[object, ...]:
    """Return the figures of the first and of the last tenth."""
    length_ms = record.rows[-1].scheduled_ms
    cells: list[object] = []
    for start, end in ((0.0, 0.1), (0.9, 1.0)):
        times = [
            each.round_trip_ms
            for each in record.rows
            if each.fate == "processed"
            and each.round_trip_ms is not None
            and start * length_ms <= each.scheduled_ms <= end * length_ms
        ]
        cells += [round(quantile(times, share), 1) for share in (0.50, 0.99)]
    causes = ", ".join(f"{n} {cause}" for cause, n in sorted(record.causes().items())) or "none"
    told = len(record.slow_downs)
    unanswered = record.count("unanswered")
    return (label, len(record.rows), record.count("processed"), *cells, causes, unanswered, told)


def main() -> None:
    """Measure and print."""
    with encoded(sample_path("gate_easy")) as spool:
        with warm_server() as server:
            fps = TIMES * asyncio.run(capacity_fps(server.base_url, server.token, spool))
            [ours] = stream(server.base_url, server.token, [spool], fps, SECONDS)
        with inline_server() as inline:
            [theirs] = stream(inline, "", [spool], fps, SECONDS)
    header = (
        "server",
        "sent",
        "processed",
        "first tenth p50",
        "p99",
        "last tenth p50",
        "p99",
        "drops",
        "unanswered",
        "slow_down",
    )
    title = f"{TIMES} times the capacity ({fps:.0f} fps) for {SECONDS} s; round trips in ms"
    show(title, header, [row("streamlab", ours), row("inline", theirs)])


if __name__ == "__main__":
    main()
