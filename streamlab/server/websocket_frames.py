"""What RFC 6455 lets a client send, frame by frame: no socket, no clock."""

from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
OPCODES = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})

PROTOCOL_ERROR = 1002
INVALID_TEXT = 1007
TOO_BIG = 1009

MAX_CONTROL_BYTES = 125
_FINAL, _RESERVED, _OPCODE, _CONTROL = 0x80, 0x70, 0x0F, 0x08
_MASKED, _LENGTH = 0x80, 0x7F
LENGTH_BYTES = {126: 2, 127: 8}
"""Bytes of the length that follows, by what stands in its place."""


class FrameError(Exception):
    """A frame that a client may not send; the connection is closed with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code} {reason}")


class Head(NamedTuple):
    """The first two bytes of a frame."""

    is_final: bool
    opcode: int
    length: int
    """Bytes of payload; or a key of `LENGTH_BYTES`."""

    @property
    def is_control(self) -> bool:
        """Whether it is a close, a ping or a pong."""
        return bool(self.opcode & _CONTROL)


def parse_head(data: bytes) -> Head:
    """Read the first two bytes of a client's frame; raises `FrameError`.

    No extension is agreed on, so all reserved bits are 0.

    >>> parse_head(bytes([0x82, 0x80 | 5]))
    Head(is_final=True, opcode=2, length=5)
    >>> parse_head(bytes([0x82, 5]))
    Traceback (most recent call last):
    streamlab.server.websocket_frames.FrameError: 1002 a client's frame is not masked
    """
    first, second = data
    head = Head(bool(first & _FINAL), first & _OPCODE, second & _LENGTH)
    if first & _RESERVED:
        raise FrameError(PROTOCOL_ERROR, "a reserved bit is set")
    if head.opcode not in OPCODES:
        raise FrameError(PROTOCOL_ERROR, f"opcode {head.opcode:#x} is reserved")
    if head.is_control and not head.is_final:
        raise FrameError(PROTOCOL_ERROR, "a control frame is fragmented")
    if head.is_control and head.length > MAX_CONTROL_BYTES:
        raise FrameError(PROTOCOL_ERROR, f"a control frame has over {MAX_CONTROL_BYTES} bytes")
    if not second & _MASKED:
        raise FrameError(PROTOCOL_ERROR, "a client's frame is not masked")
    return head


def check_close(data: bytes) -> None:
    """Check the payload of a close frame; raises `FrameError`."""
    if not data:
        return
    code = int.from_bytes(data[:2], "big")
    sendable = 1000 <= code <= 1014 and code not in (1004, 1005, 1006)
    if len(data) == 1 or not (sendable or 3000 <= code <= 4999):
        raise FrameError(PROTOCOL_ERROR, "a close frame has no valid code")
    check_text(data[2:])


def check_text(data: bytes) -> None:
    """Check that a payload is UTF-8; raises `FrameError`."""
    try:
        data.decode()
    except UnicodeDecodeError:
        raise FrameError(INVALID_TEXT, "a text is not UTF-8") from None


class Messages:
    """Joins a client's data frames to messages of at most `max_bytes`.

    >>> messages = Messages(max_bytes=10)
    >>> messages.add(Head(False, TEXT, 2), b"ab")
    >>> messages.add(Head(True, CONTINUATION, 1), b"c")
    (1, b'abc')
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._opcode: int | None = None
        self._begun = bytearray()

    def check(self, head: Head, length: int) -> None:
        """Check a data frame before its `length` bytes are read; raises `FrameError`."""
        if head.opcode == CONTINUATION and self._opcode is None:
            raise FrameError(PROTOCOL_ERROR, "there is no message to continue")
        if head.opcode != CONTINUATION and self._opcode is not None:
            raise FrameError(PROTOCOL_ERROR, "a message begins in the middle of another")
        if len(self._begun) + length > self._max_bytes:
            raise FrameError(TOO_BIG, "message too big")

    def add(self, head: Head, data: bytes) -> tuple[int, bytes] | None:
        """Take in a checked frame; return the opcode and payload of a message that is whole."""
        if self._opcode is None:
            if head.is_final:
                return head.opcode, data
            self._opcode = head.opcode
        self._begun += data
        if not head.is_final:
            return None
        whole = self._opcode, bytes(self._begun)
        self._opcode, self._begun = None, bytearray()
        return whole
