"""Assembles a recording from the clients' records of sessions, on one clock."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from streamlab.client.record import UNKNOWN_CAUSE, FrameRow, SessionRecord
from streamlab.recording.columns import node_column
from streamlab.recording.data import R

DIGITS = 3
"""Times are kept to the microsecond."""


class Clock(NamedTuple):
    """Offset of the server's clock to the client's, to be added, and its maximum error (ms)."""

    offset_ms: float
    error_ms: float


def server_clock(rows: Sequence[FrameRow]) -> Clock | None:
    """Estimate the clock offset: no frame is received before it is sent, or answered before that.

    Every answered frame bounds the offset from both sides, as in NTP (RFC 5905, section 8); the
    middle of the tightest bounds is taken, half their distance is the error. None without an
    answered frame.
    """
    known = [row for row in rows if row.received_ms is not None and row.answered_ms is not None]
    if not known:
        return None
    least = max(row.sent_ms - (row.received_ms or 0.0) for row in known)
    most = min(
        (row.answered_ms or 0.0) - (row.total_ms or 0.0) - (row.received_ms or 0.0) for row in known
    )
    return Clock((least + most) / 2, abs(most - least) / 2)


def assemble(
    records: Sequence[SessionRecord], info: Mapping[str, Any], recording_class: type[R]
) -> R:
    """Return a recording, of the given class, of sessions on one clock."""
    import pandas as pd

    nodes: dict[str, None] = {}
    for record in records:
        for row in record.rows:
            nodes.update(dict.fromkeys(row.nodes_ms))
    frames: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    sessions: list[dict[str, Any]] = []
    results: dict[tuple[int, int], Mapping[str, Any]] = {}
    for number, record in enumerate(records):
        clock = server_clock(record.rows)
        for row in record.rows:
            frames.append(_frame(number, row, clock))
            if row.result is not None:
                results[number, row.frame_index] = row.result
        events += _events(number, record)
        sessions.append(
            {
                "session": number,
                "session_id": record.session_id,
                "worker": record.worker,
                "error": record.error,
                "close_code": record.close_code,
                "clock_error_ms": None if clock is None else round(clock.error_ms, DIGITS),
            }
        )
    events.sort(key=lambda event: (event["time_ms"], event["session"]))
    return recording_class(
        pd.DataFrame(frames),
        {**info, "nodes": [*nodes]},
        pd.DataFrame(events),
        results,
        sessions,
    )


def _frame(number: int, row: FrameRow, clock: Clock | None) -> dict[str, Any]:
    received_ms = row.received_ms
    if received_ms is not None:
        received_ms += clock.offset_ms if clock else 0.0
    times = {
        "scheduled_ms": row.scheduled_ms,
        "sent_ms": row.sent_ms,
        "received_ms": received_ms,
        "queued_ms": row.queued_ms,
        "decode_ms": row.decode_ms,
        **{node_column(node): ms for node, ms in row.nodes_ms.items()},
        "total_ms": row.total_ms,
        "spared_ms": row.spared_ms,
        "answered_ms": row.answered_ms,
        "round_trip_ms": row.round_trip_ms,
    }
    return {
        "session": number,
        "frame_index": row.frame_index,
        "video_frame": row.video_frame,
        "size_bytes": row.size_bytes,
        **{name: None if ms is None else round(ms, DIGITS) for name, ms in times.items()},
        "fate": row.fate,
        "cause": (row.cause or UNKNOWN_CAUSE) if row.fate == "dropped" else None,
        "state": row.state,
    }


def _events(number: int, record: SessionRecord) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []

    def add(time_ms: float, kind: str, **more: Any) -> None:
        events.append({"session": number, "time_ms": round(time_ms, DIGITS), "kind": kind, **more})

    answered = [row for row in record.rows if row.state is not None and row.answered_ms is not None]
    answered.sort(key=lambda row: row.answered_ms or 0.0)
    for before, row in pairwise([None, *answered]):
        if row is not None and row.state != (before.state if before else "normal"):
            add(row.answered_ms or 0.0, "state", state=row.state)
    for time_ms, fps in record.slow_downs:
        add(time_ms, "slow_down", fps=fps)
    for time_ms, fps in record.rates:
        add(time_ms, "rate", fps=fps)
    for time_ms, detail in record.settings:
        add(time_ms, "setting", detail=detail)
    if record.error is not None:
        last = max((row.answered_ms or row.sent_ms for row in record.rows), default=0.0)
        ended_ms = last if record.ended_ms is None else record.ended_ms
        add(ended_ms, "error", detail=record.error)
    return events
