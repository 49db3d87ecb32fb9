"""Round trip of `yolo_ocr`, one session in real time, and in a handler that runs it inline.

Each drawn sample clip, 300 frames at 30 frames a second, `RUNS` times, ours and the other in turn.
"""

from streamlab.media.samples import sample_path
from streamlab.quantiles import quantile

from .load import drawn_samples, encoded, inline_server, stream, warm_server
from .table import median, show

RUNS = 3
FPS = 30
SECONDS = 10


def main() -> None:
    """Measure and print."""
    rows = []
    with warm_server() as server, inline_server() as inline:
        for name in drawn_samples():
            with encoded(sample_path(name)) as spool:
                ours, theirs = [], []
                for _ in range(RUNS):
                    ours += stream(server.base_url, server.token, [spool], FPS, SECONDS)
                    theirs += stream(inline, "", [spool], FPS, SECONDS)
            for label, records in (("streamlab", ours), ("inline", theirs)):
                cells = [
                    median(quantile(record.round_trips_ms(), share) for record in records)
                    for share in (0.50, 0.95, 0.99)
                ]
                dropped = median((record.count("dropped") for record in records), 0)
                rows.append((name, label, *cells, f"{dropped:.0f} of {len(records[0].rows)}"))
    title = f"Round trip at {FPS} fps, 640x480, one session; medians of {RUNS} runs, ms"
    show(title, ("clip", "server", "p50", "p95", "p99", "dropped"), rows)


if __name__ == "__main__":
    main()
