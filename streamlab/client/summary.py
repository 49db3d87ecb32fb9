"""A session in a few lines: counts by outcome and cause, and quantiles of the round trip."""

from streamlab.client.record import FATES, SessionRecord
from streamlab.quantiles import quantile


def fates_line(record: SessionRecord) -> str:
    """Return the counts: sent, then each outcome that occurred, drops by cause."""
    parts = [f"{len(record.rows)} sent"]
    for fate in FATES:
        count = record.count(fate)
        if fate == "dropped" and count:
            causes = ", ".join(f"{n} {cause}" for cause, n in sorted(record.causes().items()))
            parts.append(f"{count} dropped ({causes})")
        elif count or fate in ("processed", "dropped"):
            parts.append(f"{count} {fate}")
    return ", ".join(parts)


def round_trip_line(record: SessionRecord) -> str:
    """Return p50, p95 and p99 of the round trip of the processed frames, milliseconds."""
    values = record.round_trips_ms()
    if not values:
        return "round trip: no frame was processed"
    p50, p95, p99 = (quantile(values, share) for share in (0.50, 0.95, 0.99))
    return f"round trip p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms"


def summary_lines(record: SessionRecord) -> list[str]:
    """Return the summary of a session."""
    lines = [fates_line(record), round_trip_line(record)]
    if record.slow_downs:
        rates = ", ".join(f"{fps:g} fps at {at / 1e3:.1f} s" for at, fps in record.slow_downs)
        lines.append(f"asked to slow down: {rates}")
    if record.error:
        lines.append(f"ended by the server: {record.error}")
    return lines
