"""A WebSocket client that sends any frame, allowed or not, and answers nothing by itself."""

import select
import struct

from deaf import deaf_websocket

from streamlab.testing import TestClient

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
FINAL = 0x80


def frame(opcode: int, payload: bytes = b"", first: int = FINAL, masked: bool = True) -> bytes:
    """Return a frame; `first` has the bits beside the opcode, a mask of zeros changes nothing."""
    mask_bit, mask = (0x80, bytes(4)) if masked else (0, b"")
    if len(payload) < 126:
        length = struct.pack("!B", mask_bit | len(payload))
    elif len(payload) < 1 << 16:
        length = struct.pack("!BH", mask_bit | 126, len(payload))
    else:
        length = struct.pack("!BQ", mask_bit | 127, len(payload))
    return bytes([first | opcode]) + length + mask + payload


class RawWebSocket:
    """An open WebSocket to a path of a `TestClient`'s server; a context manager."""

    def __init__(self, client: TestClient, path: str) -> None:
        self.connection = deaf_websocket(client.base_url, path, client.headers)
        self._received = b""
        while b"\r\n\r\n" not in self._received:
            assert self._receive_more(), self._received
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head

    def send(self, *frames: bytes) -> None:
        """Send bytes as they are."""
        self.connection.sendall(b"".join(frames))

    def receive(self) -> tuple[int, bytes] | None:
        """Return the next frame, opcode and payload; None at the end of the connection."""
        while (received := self._take()) is None:
            if not self._receive_more():
                return None
        return received

    def receive_now(self) -> tuple[int, bytes] | None:
        """Return the next frame if it has arrived; else None."""
        while (received := self._take()) is None:
            if not select.select([self.connection], [], [], 0)[0] or not self._receive_more():
                return None
        return received

    def receive_close(self) -> tuple[int, str] | None:
        """Return code and reason of the close frame, whatever comes before; None without one."""
        while received := self.receive():
            if received[0] == CLOSE:
                return int.from_bytes(received[1][:2], "big"), received[1][2:].decode()
        return None

    def _receive_more(self) -> bool:
        try:
            data = self.connection.recv(1 << 16)
        except ConnectionResetError:
            return False
        self._received += data
        return bool(data)

    def _take(self) -> tuple[int, bytes] | None:
        begin, length = 2, self._received[1] if len(self._received) > 1 else 0
        if length > 125:
            begin = 4 if length == 126 else 10
            length = int.from_bytes(self._received[2:begin], "big")
        if len(self._received) < begin + length:
            return None
        opcode, payload = self._received[0] & 0xF, self._received[begin : begin + length]
        self._received = self._received[begin + length :]
        return opcode, payload

    def __enter__(self) -> "RawWebSocket":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
