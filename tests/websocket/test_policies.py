"""Every policy over a real WebSocket: what it decides is what a client is told."""

import contextlib

import pytest
from gate import Gate
from policies import EveryOther, FailsAt, Newest, OneAtATime, registered

from streamlab.backpressure.admission import QueuePolicy
from streamlab.backpressure.checked import CheckedPolicy
from streamlab.backpressure.policies import policy_names
from streamlab.backpressure.realtime import BackpressureSettings
from streamlab.server.subprocess import ServerProcess
from streamlab.testing import TestClient, WebSocketDisconnect

OWN = {"every_other": EveryOther, "newest": Newest, "one_at_a_time": OneAtATime}
BUILT_IN = policy_names()
COUNT = 9
PATH = "/ws/video/stream"


def expect_error(socket, error, code):
    """Read the error and the close that follows it; return the detail."""
    message = socket.receive_json()
    assert message["error"] == error
    with pytest.raises(WebSocketDisconnect) as caught:
        socket.receive_json()
    assert caught.value.code == code
    return message["detail"]


def age_of(client):
    [session] = client.get("/streamlab/sessions").json()["sessions"]
    return session["connected_s"]


@pytest.fixture(autouse=True)
def own_policies():
    with registered(**OWN, fails=FailsAt):
        yield


def stream_url(policy, waiting_frames=2):
    return f"{PATH}?pipeline_id=held&policy={policy}&waiting_frames={waiting_frames}&detail=full"


def ledger_of(client):
    [session] = client.get("/streamlab/sessions").json()["sessions"]
    ledger = session["ledger"]
    others = sum(ledger[name] for name in ("processed", "rejected", "failed", "waiting"))
    dropped = sum(ledger["dropped"].values())
    assert ledger["received"] == others + dropped + ledger["in_flight"]
    return ledger


def expected(policy, waiting_frames=2):
    """The outcome of COUNT frames, of which all but the first come while it is in flight.

    Of a policy that pauses, those that have no room come as there is room.
    """
    deciding = CheckedPolicy(BackpressureSettings(policy=policy, waiting_frames=waiting_frames))
    told, coming = {}, list(range(COUNT))

    def drop(decision):
        told.update(dict.fromkeys(decision.dropped, decision.cause))

    while coming or deciding.waiting or deciding.in_flight is not None:
        while coming and deciding.has_room:
            drop(deciding.arrive(0.0, coming.pop(0)))
            if deciding.in_flight is None:
                drop(deciding.expire(0.0))
                deciding.start(0.0)
        if deciding.in_flight is not None:
            told[deciding.in_flight] = "processed"
            drop(deciding.finish(0.0))
        drop(deciding.expire(0.0))
        deciding.start(0.0)
    return told


@pytest.mark.parametrize(
    ("policy", "waiting_frames"),
    [*((name, 2) for name in (*BUILT_IN, *OWN)), ("fifo", 1), ("fifo", 5), ("realtime", 4)],
)
def test_a_served_policy_decides_as_it_does_in_virtual_time(
    held, gate, jpeg, policy, waiting_frames
):
    with held.websocket_connect(stream_url(policy, waiting_frames)) as socket:
        socket.send_bytes(jpeg)
        gate.wait_for_frame()
        for _ in range(COUNT - 1):
            socket.send_bytes(jpeg)
        outcome = expected(policy, waiting_frames)
        told = {}
        early = [index for index, what in outcome.items() if what != "processed"]
        if policy != "newest":
            # a drop is told as soon as it is decided, while the first frame is held
            for _ in early:
                answer = socket.receive_json()
                told[answer["frame_index"]] = answer["server"]["cause"]
        else:
            while ledger_of(held)["received"] < COUNT:
                pass
        gate.let_through(COUNT)
        while len(told) < COUNT:
            answer = socket.receive_json()
            assert answer["frame_index"] not in told
            cause = answer["server"].get("cause")
            assert ("result" in answer) == (cause is None)
            told[answer["frame_index"]] = cause or "processed"
        assert told == outcome
        ledger = ledger_of(held)
        assert ledger["processed"] == sum(what == "processed" for what in outcome.values())
        assert ledger["received"] == COUNT


@pytest.mark.parametrize("policy", BUILT_IN)
def test_both_hosts_serve_every_policy(client, jpeg, policy):
    with client.websocket_connect(f"{PATH}?pipeline_id=noop&policy={policy}&detail=full") as socket:
        socket.send_bytes(jpeg)
        answer = socket.receive_json()
        assert "result" in answer
        session = client.get(f"/streamlab/sessions/{answer['server']['session']}").json()
        assert session["policy"] == policy
    assert policy in client.get("/streamlab/health").json()["policies"]


def test_a_lifetime_rate_latches_live_too(held, gate, jpeg):
    with held.websocket_connect(stream_url("lifetime_rate")) as socket:
        socket.send_bytes(jpeg)
        gate.wait_for_frame()
        begin = age_of(held)
        while age_of(held) < begin + 0.2:
            pass
        gate.let_through(COUNT)
        assert "result" in socket.receive_json()
        for _ in range(COUNT - 1):
            socket.send_bytes(jpeg)
            assert socket.receive_json()["server"]["cause"] == "overflow"
        assert ledger_of(held)["dropped"]["overflow"] == COUNT - 1


def test_a_policy_without_room_keeps_the_server_from_reading(held, gate, jpeg):
    with held.websocket_connect(stream_url("one_at_a_time")) as socket:
        for _ in range(COUNT):
            socket.send_bytes(jpeg)
        for index in range(COUNT):
            gate.wait_for_frame()
            assert ledger_of(held)["received"] == index + 1
            gate.let_through(1)
            assert socket.receive_json()["frame_index"] == index


def test_an_unknown_policy_is_refused_with_those_there_are(held):
    with held.websocket_connect(f"{PATH}?pipeline_id=held&policy=magic") as socket:
        detail = expect_error(socket, "invalid_parameter", 1008)
    assert detail.startswith("policy='magic': ")
    for name in policy_names():
        assert f"'{name}'" in detail


def test_a_fifo_is_made_longer_and_shorter_while_it_runs(held, gate, jpeg):
    with held.websocket_connect(stream_url("fifo", 4)) as socket:
        socket.send_bytes(jpeg)
        gate.wait_for_frame()
        for _ in range(4):
            socket.send_bytes(jpeg)
        while ledger_of(held)["received"] < 5:
            pass
        [session] = held.get("/streamlab/sessions").json()["sessions"]
        path = f"/streamlab/sessions/{session['session_id']}"
        changed = held.request("PATCH", path, content=b'{"waiting_frames": 2}').json()
        assert (changed["policy"], changed["waiting_frames"]) == ("fifo", 2)
        assert [socket.receive_json()["frame_index"] for _ in range(2)] == [3, 4]
        gate.let_through(3)
        assert [socket.receive_json()["frame_index"] for _ in range(3)] == [0, 1, 2]


def test_a_policy_that_raises_ends_its_session_and_no_other(held, gate, jpeg, caplog):
    with (
        held.websocket_connect(f"{PATH}?pipeline_id=noop") as neighbour,
        held.websocket_connect(f"{PATH}?pipeline_id=held&policy=fails") as socket,
    ):
        socket.send_bytes(jpeg)
        gate.wait_for_frame()
        for _ in range(4):
            socket.send_bytes(jpeg)
        # every frame that was received has one answer before the error
        told = [socket.receive_json() for _ in range(4)]
        assert told == [{"frame_index": index, "dropped": True} for index in range(4)]
        detail = expect_error(socket, "internal_error", 1011)
        gate.let_through(1)
        neighbour.send_bytes(jpeg)
        assert neighbour.receive_json()["result"] == {}
    assert detail.startswith("policy 'fails', frame 3: arrive() raised KeyError: ")
    assert "no limit for frame 3" in detail
    assert "of FailsAt.stumble())" in detail
    assert "/" not in detail
    assert "Traceback (most recent call last)" in caplog.text
    assert 'raise KeyError(f"no limit for frame {frame_index}")' in caplog.text


def misbehaving(**methods):
    return registered(bad=type("Bad", (QueuePolicy,), methods))


@pytest.mark.parametrize(
    ("methods", "words"),
    [
        ({"start": lambda self, now: None}, "start() started nothing, and frame 0 waits"),
        ({"start": lambda self, now: 5}, "start() started frame 5, which does not wait"),
        ({"expire": lambda self, now: 1 / 0}, "expire() raised ZeroDivisionError"),
        ({"finish": lambda self, now: None}, "finish() returned None"),
        ({"has_room": property(lambda self: 1 / 0)}, "has_room raised ZeroDivisionError"),
        ({"__init__": lambda self, settings: 1 / 0}, "Bad() raised ZeroDivisionError"),
        ({"arrive": lambda self, now, index: exit()}, "arrive() raised SystemExit"),
    ],
)
def test_a_policy_that_breaks_its_contract_is_named(held, gate, jpeg, methods, words):
    with misbehaving(**methods):
        gate.let_through(1)
        with held.websocket_connect(f"{PATH}?pipeline_id=held&policy=bad") as socket:
            socket.send_bytes(jpeg)
            answers = []
            with contextlib.suppress(WebSocketDisconnect):
                while True:
                    answers.append(socket.receive_json())
        assert answers[-1]["error"] == "internal_error"
        assert words in answers[-1]["detail"]
        if "__init__" not in methods:
            assert [answer.get("frame_index") for answer in answers[:-1]] == [0]
        # the worker that it was pinned to is free, and serves others
        assert held.get("/streamlab/sessions").json() == {"sessions": []}
        assert [scheduler.sessions for scheduler in held.service.pool._schedulers] == [0]


def test_a_policy_that_fails_as_time_passes_ends_its_session_alone(jpeg):
    gate = Gate()
    with misbehaving(observe=lambda self, now: 1 / 0), TestClient(pipelines=gate.pipelines) as own:
        with own.websocket_connect(f"{PATH}?pipeline_id=noop&policy=bad") as socket:
            assert "observe() raised" in expect_error(socket, "internal_error", 1011)
        with own.websocket_connect("/ws/events?topic=sessions") as observer:
            for _ in range(3):  # the server goes on publishing
                observer.receive_json()


def test_a_policy_of_a_package_is_served(policy_package, jpeg):
    environment = {"PYTHONPATH": str(policy_package)}
    with ServerProcess(["--workers", "1"], environment) as server:
        headers = {"Authorization": f"Bearer {server.token}"}
        with TestClient(base_url=server.base_url, headers=headers) as client:
            problems = client.get("/streamlab/pipelines").json()["problems"]
            assert "policy 'bang' (explosive:thing): RuntimeError: bang" in problems
            path = f"{PATH}?pipeline_id=noop&policy=third"
            with client.websocket_connect(path) as socket:
                processed = []
                for index in range(7):
                    socket.send_bytes(jpeg)
                    answer = socket.receive_json()
                    assert answer["frame_index"] == index
                    processed += [index] if "result" in answer else []
    assert processed == [0, 3, 6]
