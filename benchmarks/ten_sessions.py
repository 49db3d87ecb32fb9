"""Ten sessions at 15 frames a second for 20 s, on the drawn sample clips, and the same inline."""

from streamlab.client.record import SessionRecord
from streamlab.media.samples import sample_path
from streamlab.quantiles import quantile

from .load import drawn_samples, encoded, inline_server, stream, warm_server
from .table import median, show

RUNS = 3
SESSIONS = 10
FPS = 15
SECONDS = 20


def figures(runs: list[list[SessionRecord]]) -> tuple[object, ...]:
    """Return frames a second, share processed, the least and most of any session, p50 and p95."""
    rates, shares, least, most, p50, p95 = [], [], [], [], [], []
    for records in runs:
        counts = [record.count("processed") for record in records]
        sent = [len(record.rows) for record in records]
        last_ms = max(row.answered_ms or 0 for record in records for row in record.rows)
        rates.append(sum(counts) / last_ms * 1e3)
        shares.append(100 * sum(counts) / sum(sent))
        each = [100 * n / m for n, m in zip(counts, sent, strict=True)]
        least.append(min(each))
        most.append(max(each))
        round_trips = [ms for record in records for ms in record.round_trips_ms()]
        p50.append(quantile(round_trips, 0.50))
        p95.append(quantile(round_trips, 0.95))
    return tuple(median(values) for values in (rates, shares, least, most, p50, p95))


def main() -> None:
    """Measure and print."""
    names = drawn_samples()
    rows = []
    with (
        encoded(sample_path(names[0])) as a,
        encoded(sample_path(names[1])) as b,
        encoded(sample_path(names[2])) as c,
        encoded(sample_path(names[3])) as d,
    ):
        spools = [(a, b, c, d)[number % 4] for number in range(SESSIONS)]
        with warm_server() as server:
            ours = [
                stream(server.base_url, server.token, spools, FPS, SECONDS) for _ in range(RUNS)
            ]
        rows.append(("streamlab", *figures(ours)))
        with inline_server() as inline:
            rows.append(("inline", *figures([stream(inline, "", spools, FPS, SECONDS)])))
    title = f"{SESSIONS} sessions at {FPS} fps for {SECONDS} s; medians of {RUNS} runs (inline: 1)"
    header = ("server", "frames/s", "processed %", "least %", "most %", "p50 ms", "p95 ms")
    show(title, header, rows)


if __name__ == "__main__":
    main()
