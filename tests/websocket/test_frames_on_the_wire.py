"""What a client may send below the level of messages, and what becomes of the rest."""

import contextlib
import json
import threading

import pytest
from raw_websocket import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FINAL,
    PING,
    PONG,
    TEXT,
    RawWebSocket,
    frame,
)

from streamlab.server import stream
from streamlab.server.pacing import Pacer
from streamlab.testing import TestClient

NOOP = "/ws/video/stream?pipeline_id=noop"
EVENTS = "/ws/events?topic=sessions"
NEIGHBOURS_FRAMES = 20
RESERVED = 0x70

FAULTS = {
    "unmasked": (frame(BINARY, b"x", masked=False), 1002),
    "unmasked ping": (frame(PING, masked=False), 1002),
    "unmasked close": (frame(CLOSE, masked=False), 1002),
    **{f"opcode {code}": (frame(code), 1002) for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    **{f"bit {bit}": (frame(BINARY, b"x", FINAL | bit), 1002) for bit in (0x10, 0x20, 0x40)},
    "reserved bit of a ping": (frame(PING, b"x", FINAL | 0x40), 1002),
    "fragmented ping": (frame(PING, b"x", 0), 1002),
    "fragmented close": (frame(CLOSE, b"", 0), 1002),
    "long ping": (frame(PING, bytes(126)), 1002),
    "nothing to continue": (frame(CONTINUATION, b"x"), 1002),
    "nothing to continue, not final": (frame(CONTINUATION, b"x", 0), 1002),
    "a message in a message": (frame(BINARY, b"x", 0) + frame(BINARY, b"x"), 1002),
    "text in a message": (frame(BINARY, b"x", 0) + frame(TEXT, b"x"), 1002),
    "text that is no UTF-8": (frame(TEXT, b"\xff"), 1007),
    "close of one byte": (frame(CLOSE, b"\x03"), 1002),
    **{
        f"close with {code}": (frame(CLOSE, code.to_bytes(2, "big")), 1002)
        for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535)
    },
    "close reason that is no UTF-8": (frame(CLOSE, b"\x03\xe8\xff"), 1007),
    "too big": (bytes([FINAL | BINARY, 0xFF]) + (1 << 30).to_bytes(8, "big"), 1009),
    "a length of 2**63": (bytes([FINAL | BINARY, 0xFF]) + (1 << 63).to_bytes(8, "big"), 1009),
}


@pytest.mark.parametrize("path", [NOOP, EVENTS])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_frame_that_may_not_be_sent_closes_with_its_code(client, path, fault):
    sent, code = FAULTS[fault]
    with RawWebSocket(client, path) as socket:
        socket.send(sent)
        closed = socket.receive_close()
        assert closed is not None
        assert closed[0] == code


def test_a_fault_ends_its_session_and_no_other(client, jpeg):
    with client.websocket_connect(NOOP) as neighbour:
        for sent, _ in FAULTS.values():
            with RawWebSocket(client, NOOP) as socket:
                socket.send(sent)
                socket.receive_close()
            neighbour.send_bytes(jpeg)
            assert neighbour.receive_json()["result"] == {}
        assert len(client.get("/streamlab/sessions").json()["sessions"]) == 1


def test_a_close_is_answered_with_its_code(client):
    for code in (1000, 1001, 1011, 3000, 4999):
        with RawWebSocket(client, NOOP) as socket:
            socket.send(frame(CLOSE, code.to_bytes(2, "big") + "schön".encode()))
            closed = socket.receive_close()
            assert closed is not None
            assert closed[0] == code


def test_control_frames_come_between_the_fragments_of_a_message(client, jpeg):
    with RawWebSocket(client, NOOP) as socket:
        socket.send(frame(BINARY, jpeg[:100], 0), frame(PING, b"now"))
        assert socket.receive() == (PONG, b"now")
        socket.send(frame(CONTINUATION, b"", 0), frame(PONG), frame(CONTINUATION, jpeg[100:]))
        received = socket.receive()
        assert received is not None
        opcode, answer = received
        assert (opcode, json.loads(answer)["result"]) == (TEXT, {})


FLOODS = {
    "pings": frame(PING) * 50_000,
    "pongs": frame(PONG, b"unasked") * 50_000,
    "empty fragments": frame(BINARY, b"\xff", 0) + frame(CONTINUATION, b"", 0) * 50_000,
    "tiny fragments": frame(BINARY, b"\xff", 0) + frame(CONTINUATION, b"x", 0) * 50_000,
}


@pytest.mark.parametrize("path", [NOOP, NOOP + "&policy=lossless", EVENTS])
@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_of_small_frames_does_not_stand_before_the_neighbours(client, jpeg, flood, path):
    if path == EVENTS and "fragments" in flood:
        pytest.skip("an observer's messages are short")
    with client.websocket_connect(NOOP) as neighbour, RawWebSocket(client, path) as socket:
        if path == EVENTS:
            socket.receive()
        # answered at once if nothing else is read before; then the flood, and its end
        socket.send(frame(PING, b"begin"))
        assert socket.receive() == (PONG, b"begin")
        end = frame(CLOSE, b"\x03\xe8")
        sending = threading.Thread(target=_send, args=(socket, FLOODS[flood] + end), daemon=True)
        sending.start()
        for _ in range(NEIGHBOURS_FRAMES):
            neighbour.send_bytes(jpeg)
            assert neighbour.receive_json()["result"] == {}
        while received := socket.receive_now():
            assert received[0] != CLOSE, "the flood was read whole before the neighbour's frames"


def _send(socket, data):
    with contextlib.suppress(OSError):  # the test is over
        socket.send(data)


class Processed:
    """A listener that says when a frame has been processed."""

    def __init__(self):
        self.event = threading.Event()

    def frame_processed(self, session, timing):
        self.event.set()

    def __getattr__(self, name):
        return lambda *arguments: None


def test_pongs_that_are_not_read_do_not_pile_up(monkeypatch, jpeg):
    """A client may send pings as fast as it likes: one pong waits for it, for the latest ping."""
    monkeypatch.setattr(stream, "Pacer", lambda: Pacer(per_second=1e9))
    pings = 100_000
    processed = Processed()
    with TestClient() as client, RawWebSocket(client, NOOP) as socket:
        client.service.listeners.append(processed)
        flood = b"".join(frame(PING, f"{k}".encode().ljust(125)) for k in range(pings))
        socket.send(flood, frame(BINARY, jpeg))
        assert processed.event.wait(60)
        pongs = []
        while (received := socket.receive())[0] == PONG:
            pongs.append(int(received[1]))
        assert json.loads(received[1])["result"] == {}
        if pongs[-1] != pings - 1:
            pongs.append(int(socket.receive()[1]))
        assert pongs[0] == 0
        assert pongs[-1] == pings - 1
        assert len(pongs) < pings / 2
