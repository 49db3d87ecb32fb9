"""Observers: what they see, and what they never see."""

import json

import pytest

from streamlab.server.connections import MAX_UNSENT_BYTES, ConnectionManager
from streamlab.testing import WebSocketDisconnect

EVENTS = "/ws/events?topic=sessions"


def test_an_observer_sees_sessions_come_and_go(client, jpeg):
    with client.websocket_connect(EVENTS) as observer:
        first = observer.receive_json()
        assert set(first) == {"topic", "sessions"}
        assert first["topic"] == "sessions"
        assert first["sessions"] == []
        with client.websocket_connect("/ws/video/stream?pipeline_id=noop") as socket:
            while not (seen := observer.receive_json()["sessions"]):
                pass
            assert seen[0]["state"] == "normal"
            socket.send_bytes(jpeg)
            socket.receive_json()
            while not (seen := observer.receive_json()["sessions"])[0]["ledger"]["processed"]:
                pass
            assert seen[0]["p95_ms"] > 0
        while observer.receive_json()["sessions"]:
            pass


@pytest.mark.parametrize("query", ["", "?topic=", "?topic=frames"])
def test_an_unknown_topic_is_refused(client, query):
    with client.websocket_connect("/ws/events" + query) as observer:
        message = observer.receive_json()
        assert message["error"] == "invalid_parameter"
        assert "sessions is allowed" in message["detail"]
        with pytest.raises(WebSocketDisconnect) as caught:
            observer.receive_json()
        assert caught.value.code == 1008


def test_frames_and_results_never_pass_through_it(held, gate, jpeg):
    """Every byte that observers of a working session are sent is looked at."""
    sent = []
    publish = held.service.connections._message

    def listen(topic):
        message = publish(topic)
        sent.append(message)
        return message

    held.service.connections._message = listen
    with (
        held.websocket_connect(EVENTS) as observer,
        held.websocket_connect("/ws/video/stream?pipeline_id=held") as socket,
    ):
        gate.let_through(20)
        for _ in range(20):
            socket.send_bytes(jpeg)
            assert "seen" in json.dumps(socket.receive_json())
        processed = 0
        while processed < 20:
            seen = observer.receive_json()["sessions"]
            processed = sum(session["ledger"]["processed"] for session in seen)
    assert sent
    for message in sent:
        assert b"seen" not in message
        assert b"result" not in message
        assert jpeg[:20] not in message
        assert set(json.loads(message)) == {"topic", "sessions"}


class Observer:
    def __init__(self, unsent_bytes=0):
        self.unsent_bytes = unsent_bytes
        self.messages = []

    def send(self, message):
        self.messages.append(json.loads(message))


def test_an_observer_that_does_not_read_is_left_out_until_it_has():
    connections = ConnectionManager({"numbers": lambda: [1, 2]})
    quick, slow = Observer(), Observer(MAX_UNSENT_BYTES + 1)
    connections.connect("numbers", quick)
    connections.connect("numbers", slow)
    connections.publish("numbers")
    assert len(quick.messages) == 2
    assert slow.messages == [{"topic": "numbers", "numbers": [1, 2]}]
    slow.unsent_bytes = 0
    connections.publish("numbers")
    assert len(slow.messages) == 2


def test_a_topic_without_observers_costs_nothing():
    def refuse():
        raise AssertionError("nobody is watching")

    connections = ConnectionManager({"numbers": refuse})
    connections.publish("numbers")
    with pytest.raises(KeyError):
        connections.connect("letters", Observer())
