"""Breakdown of a frame's round trip into consecutive parts, in milliseconds since it was due."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from streamlab.recording.columns import node_column


class Segment(NamedTuple):
    """A part of a round trip: a key of `PARTS`, or `node:` and a node's name."""

    part: str
    start_ms: float
    length_ms: float


NODE = "node:"


def segments(row: Mapping[str, Any], nodes: list[str]) -> list[Segment]:
    """Return the parts of a frame's round trip that are known and of positive length.

    They are contiguous, and the last ends at the answer. The clocks of client and server are
    aligned to a fraction of a millisecond, so a part that would be negative is left out.
    """
    made: list[Segment] = []
    now = 0.0

    def until(part: str, end_ms: float) -> None:
        nonlocal now
        if end_ms > now:
            made.append(Segment(part, now, end_ms - now))
            now = end_ms

    due = _number(row["scheduled_ms"])
    until("late", _number(row["sent_ms"]) - due)
    if row["fate"] != "processed":
        return made
    received = _number(row["received_ms"]) - due
    until("upload", received)
    if not math.isnan(received):
        until("queued", now + _number(row["queued_ms"]))
        until("decode", now + _number(row["decode_ms"]))
        for node in nodes:
            until(NODE + node, now + _number(row[node_column(node)]))
        until("rest", received + _number(row["total_ms"]))
    until("answer", _number(row["round_trip_ms"]))
    return made


def decided_ms(row: Mapping[str, Any]) -> float:
    """Return when the client learned of a frame's outcome, since it was due; NaN if never."""
    return _number(row["answered_ms"]) - _number(row["scheduled_ms"])


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
