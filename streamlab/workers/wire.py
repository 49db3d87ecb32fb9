"""Messages between a server and its worker processes: length-prefixed MessagePack."""

import struct
from typing import BinaryIO

import msgspec

from streamlab.pipelines.detection_filter import DetectionFilter
from streamlab.workers.worker import Answer

LENGTH = struct.Struct("!I")


class Preload(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Load the tools of a definition ahead."""

    definition: bytes


class Open(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Open a session's pipeline."""

    session_id: str
    definition: bytes


class Run(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Run one frame of a session, on so many cores at most, and filter what is found in it."""

    session_id: str
    frame_index: int
    frame: bytes
    detection_filter: DetectionFilter
    cores: int


class Close(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Forget a session."""

    session_id: str


class Request(msgspec.Struct, frozen=True, array_like=True):
    """A call, with the number that its reply will bear."""

    number: int
    call: Preload | Open | Run | Close


class Refused(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """The frame could not be decoded."""

    detail: str


class Failed(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A tool raised; `report` is for the server's owner."""

    node: str | None
    problem: str
    report: str


class Done(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """The call is done; `answer` is there for a frame."""

    answer: Answer | None = None


class Reply(msgspec.Struct, frozen=True, array_like=True):
    """The outcome of the call of the same number."""

    number: int
    outcome: Done | Refused | Failed


def pack(message: Request | Reply) -> bytes:
    """Encode a message with its length before it."""
    body = msgspec.msgpack.encode(message)
    return LENGTH.pack(len(body)) + body


def read(stream: BinaryIO) -> bytes | None:
    """Read the body of the next message, or None at the end of the stream."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None
