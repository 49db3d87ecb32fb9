"""What a session says to its client: the JSON of the protocol, each message in one place."""

from typing import Any, Literal

import msgspec

from streamlab.backpressure.realtime import DropCause, State
from streamlab.errors import ProtocolError

STREAM_PATH = "/ws/video/stream"
"""Where a server is asked for a session, below its base URL."""

Detail = Literal["plain", "full"]
DETAILS: tuple[Detail, ...] = ("plain", "full")
"""The values of `detail`: the protocol's answers, or with a record beside each."""


class Timing(msgspec.Struct, frozen=True):
    """Where a processed frame's time went, milliseconds.

    `queued` is from receipt to its turn, `total` from receipt to the hand-over of the answer.
    """

    queued: float
    decode: float
    nodes: dict[str, float]
    total: float


class FrameRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """The record beside each answer of a session with `detail="full"`, as `server`.

    `received` is when the frame came, milliseconds since the session was opened; `state` is that of
    the session when the answer was decided; `session` is its id, `worker` the number of the worker
    that it is pinned to; `cause` is why a frame was dropped; `threads` are the most that a network
    ran with, `spared` is what the frame would have taken longer with one, in milliseconds.
    """

    received: float
    state: State
    session: str
    worker: int
    cause: DropCause | None = None
    threads: int = 1
    spared: float | None = None


class ResultMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A frame was processed."""

    frame_index: int
    result: msgspec.Raw
    timing: Timing
    server: FrameRecord | None = None


class DroppedMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A frame was dropped."""

    frame_index: int
    dropped: Literal[True]
    server: FrameRecord | None = None


def result_message(
    frame_index: int, result: bytes, timing: Timing, record: FrameRecord | None = None
) -> bytes:
    """Encode the answer of a processed frame; `result` is JSON already."""
    return msgspec.json.encode(ResultMessage(frame_index, msgspec.Raw(result), timing, record))


def dropped_message(frame_index: int, record: FrameRecord | None = None) -> bytes:
    """Encode the answer of a dropped frame."""
    return msgspec.json.encode(DroppedMessage(frame_index, True, record))


def slow_down_message(target_fps: float) -> bytes:
    """Encode the advice to send at most `target_fps` frames a second."""
    return msgspec.json.encode({"warning": "slow_down", "target_fps": target_fps})


def error_message(error: ProtocolError) -> bytes:
    """Encode the error that ends a session."""
    return msgspec.json.encode({"error": error.code, "detail": error.detail})


def to_json(value: Any) -> bytes:
    """Encode plain data."""
    return msgspec.json.encode(value)
