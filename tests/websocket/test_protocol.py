"""The protocol, row by row, under both hosts."""

import contextlib

import pytest
from deaf import binary_message, deaf_websocket

from streamlab.settings import Settings
from streamlab.testing import TestClient, WebSocketDisconnect, WebSocketRefused

PATH = "/ws/video/stream"
NOOP = f"{PATH}?pipeline_id=noop"


def expect_close(socket, code):
    with pytest.raises(WebSocketDisconnect) as caught:
        socket.receive_json()
    assert caught.value.code == code


def expect_error(socket, error, code):
    """Read the error and the close that follows it; return the detail."""
    message = socket.receive_json()
    assert set(message) == {"error", "detail"}
    assert message["error"] == error
    assert "Traceback" not in message["detail"]
    assert "\n" not in message["detail"]
    expect_close(socket, code)
    return message["detail"]


def test_a_processed_frame_is_answered_with_its_result_and_timing(client, jpeg):
    with client.websocket_connect(NOOP) as socket:
        for index in range(3):
            socket.send_bytes(jpeg)
            message = socket.receive_json()
            assert set(message) == {"frame_index", "result", "timing"}
            assert message["frame_index"] == index
            assert message["result"] == {}
            timing = message["timing"]
            assert set(timing) == {"queued", "decode", "nodes", "total"}
            assert set(timing["nodes"]) == {"noop"}
            parts = timing["queued"] + timing["decode"] + sum(timing["nodes"].values())
            assert 0 <= parts <= timing["total"] + 0.01


def test_every_frame_of_an_overload_gets_one_answer_and_the_client_is_told(client, slow_jpeg, jpeg):
    """A slow frame takes as long as dozens of others need to arrive."""
    answers = {}
    warnings = []

    def take(message):
        if "warning" in message:
            warnings.append(message)
            return None
        index = message["frame_index"]
        assert index not in answers
        answers[index] = message
        return message

    sent = 0
    with client.websocket_connect(NOOP) as socket:
        for _ in range(12):
            for frame in (slow_jpeg, *[jpeg] * 8):
                socket.send_bytes(frame)
                sent += 1
            while (message := take(socket.receive_json())) is None or "result" not in message:
                pass
        while len(answers) < sent:
            take(socket.receive_json())
    dropped = [m for m in answers.values() if "dropped" in m]
    assert dropped
    assert all(set(m) == {"frame_index", "dropped"} and m["dropped"] is True for m in dropped)
    assert sorted(answers) == list(range(sent))
    assert warnings
    for warning in warnings:
        assert set(warning) == {"warning", "target_fps"}
        assert warning["warning"] == "slow_down"
        assert warning["target_fps"] > 0


def test_results_come_in_order(client, jpeg):
    with client.websocket_connect(f"{NOOP}&policy=lossless") as socket:
        for _ in range(40):
            socket.send_bytes(jpeg)
        assert [socket.receive_json()["frame_index"] for _ in range(40)] == list(range(40))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "is missing"),
        ("?pipeline_id=", "is missing"),
        ("?pipeline_id=no_such", "'no_such' is unknown"),
    ],
)
def test_an_unknown_pipeline_is_refused_and_the_known_ones_are_listed(client, query, words):
    with client.websocket_connect(PATH + query) as socket:
        detail = expect_error(socket, "invalid_pipeline", 1008)
    assert words in detail
    for known in ("noop", "yolo", "ocr", "yolo_ocr"):
        assert known in detail


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("drop_threshold=lots", "drop_threshold"),
        ("drop_threshold=", "drop_threshold"),
        ("drop_threshold=1.5", "drop_threshold"),
        ("slowdown_threshold=-1", "slowdown_threshold"),
        ("slowdown_threshold=nan", "slowdown_threshold"),
        ("drop_threshold=0.5&slowdown_threshold=0.2", "slowdown_threshold"),
        ("slowdown_threshold=0.01", "slowdown_threshold"),
        ("drop_threshold=0.9", "drop_threshold"),
        ("policy=best", "policy"),
        ("policy=REALTIME", "policy"),
        ("detail=everything", "detail"),
    ],
)
def test_a_parameter_that_is_not_allowed_is_named(client, query, named):
    with client.websocket_connect(f"{NOOP}&{query}") as socket:
        detail = expect_error(socket, "invalid_parameter", 1008)
    assert detail.startswith(named)
    assert "allowed" in detail or "may not" in detail


def test_parameters_that_are_not_the_protocols_are_left_alone(client, jpeg):
    with client.websocket_connect(f"{NOOP}&colour=red&drop_threshold=0.05") as socket:
        socket.send_bytes(jpeg)
        assert socket.receive_json()["result"] == {}


def test_a_text_message_ends_the_session(client):
    with client.websocket_connect(NOOP) as socket:
        socket.send_text("hello")
        assert "JPEG" in expect_error(socket, "invalid_message", 1003)


UNUSABLE = [
    "empty",
    "noise",
    "truncated",
    "truncated and large",
    "undecodable",
    "too many pixels",
    "too many scans",
    "too many segments",
    "nothing but fill bytes",
]


@pytest.mark.parametrize("kind", UNUSABLE)
def test_what_is_no_usable_jpeg_ends_the_session(client, jpeg, kind):
    size = jpeg.index(b"\xff\xc0") + 5
    large = jpeg[:size] + b"\x10\x00\x10\x00" + jpeg[size + 4 :]
    scan = large.index(b"\xff\xda")
    frame = {
        "empty": b"",
        "noise": bytes(range(256)) * 4,
        "truncated": jpeg[: len(jpeg) // 2],
        "undecodable": jpeg.replace(b"\xff\xdb", b"\xff\xe5"),
        "truncated and large": jpeg[:-2] + bytes(2**20),
        "too many scans": large[:scan] + bytes.fromhex("ffda00080101003f00") * 3000 + b"\xff\xd9",
        "too many segments": jpeg[:2] + b"\xff\xfe\x00\x02" * 1_000_000 + jpeg[2:],
        "nothing but fill bytes": jpeg[:2] + b"\xff" * 5_000_000 + jpeg[2:],
        "too many pixels": jpeg[:size] + b"\x75\x30\x75\x30" + jpeg[size + 4 :] + bytes(50_000),
    }[kind]
    with client.websocket_connect(NOOP) as socket:
        socket.send_bytes(jpeg)
        assert socket.receive_json()["frame_index"] == 0
        socket.send_bytes(frame)
        expect_error(socket, "invalid_frame", 1007)


@pytest.mark.parametrize("size", [5 * 2**20 + 1, 30 * 2**20])
def test_a_frame_over_the_size_limit_is_told_before_the_close(client, jpeg, size):
    with client.websocket_connect(NOOP) as socket:
        socket.send_bytes(jpeg)
        socket.receive_json()
        socket.send_bytes(jpeg + bytes(size - len(jpeg)))
        assert "5242880 bytes" in expect_error(socket, "frame_too_large", 1009)


def test_a_frame_of_just_the_size_limit_is_taken(client, jpeg):
    with client.websocket_connect(NOOP) as socket:
        socket.send_bytes(jpeg + bytes(5 * 2**20 - len(jpeg)))
        assert socket.receive_json()["result"] == {}


def test_a_session_can_ask_for_a_record_beside_each_answer(client, jpeg):
    with client.websocket_connect(f"{NOOP}&detail=full") as socket:
        socket.send_bytes(jpeg)
        message = socket.receive_json()
    assert set(message) == {"frame_index", "result", "timing", "server"}
    assert message["server"]["state"] == "normal"
    assert message["server"]["received"] >= 0


def test_the_endpoints_answer(client, jpeg):
    health = client.get("/streamlab/health").json()
    assert health["status"] == "ok"
    known = client.get("/streamlab/pipelines").json()
    assert known["problems"] == []
    by_id = {pipeline["id"]: pipeline for pipeline in known["pipelines"]}
    assert by_id["yolo_ocr"]["tools"] == ["yolo_detect", "track", "read_tracks"]
    assert by_id["yolo_ocr"]["edges"] == [["detect", "track"], ["track", "read"]]
    titles = {node["id"]: node["tool_title"] for node in by_id["yolo_ocr"]["nodes"]}
    assert titles == {"detect": "Detections", "track": "Tracks", "read": "What was read"}
    produces = {node["id"]: node["produces"] for node in by_id["yolo_ocr"]["nodes"]}
    assert produces == {
        "detect": ["detections"],
        "track": ["detections"],
        "read": ["detections", "text"],
    }
    with client.websocket_connect(f"{NOOP}&drop_threshold=0.07") as socket:
        socket.send_bytes(jpeg)
        socket.receive_json()
        sessions = client.get("/streamlab/sessions").json()["sessions"]
        [session] = [each for each in sessions if each["drop_threshold"] == 0.07]
        assert session["pipeline_id"] == "noop"
        ledger = session["ledger"]
        assert (ledger["received"], ledger["processed"]) == (1, 1)


def test_metrics_have_names_and_units(client, jpeg):
    with client.websocket_connect(NOOP) as socket:
        socket.send_bytes(jpeg)
        socket.receive_json()
    text = client.get("/metrics").content.decode()
    for name in (
        "streamlab_sessions",
        "streamlab_frames_received_total",
        "streamlab_frames_processed_total",
        "streamlab_received_bytes_total",
        "streamlab_frame_duration_seconds_bucket",
        "streamlab_node_duration_seconds_bucket",
    ):
        assert f"{name}{{" in text


def test_without_authentication_nothing_is_served(client):
    stranger = TestClient(base_url=client.base_url)
    with stranger:
        for path in ("/streamlab/health", "/streamlab/pipelines", "/streamlab/sessions"):
            assert stranger.get(path).status_code == 403
        for path in (NOOP, "/ws/events?topic=sessions"):
            with pytest.raises(WebSocketRefused) as caught, stranger.websocket_connect(path):
                pass
            assert caught.value.status_code == 403


def test_a_tool_that_cannot_be_loaded_is_a_failure_of_its_node(client, jpeg):
    with client.websocket_connect(f"{PATH}?pipeline_id=unloadable") as socket:
        detail = expect_error(socket, "pipeline_failure", 1011)
    assert detail.startswith("node 'a': ")
    assert "gone.onnx: no such file" in detail


def test_a_client_that_does_not_read_its_answers_is_closed(client, jpeg):
    path = f"{PATH}?pipeline_id=crowd&policy=lossless"
    with deaf_websocket(client.base_url, path, client.headers) as deaf:
        with contextlib.suppress(OSError):  # the server gives up on this client
            for _ in range(5000):
                deaf.sendall(binary_message(jpeg))
        with client.websocket_connect("/ws/events?topic=sessions") as observer:
            while observer.receive_json()["sessions"]:
                pass
    errors = client.get("/metrics").content.decode()
    assert 'streamlab_errors_total{code="slow_consumer"}' in errors


def test_the_session_limit_is_told_and_a_place_becomes_free(host, jpeg):
    with host({"STREAM_MAX_SESSIONS": "1"}) as client:
        with client.websocket_connect(NOOP) as socket:
            socket.send_bytes(jpeg)
            socket.receive_json()
            with client.websocket_connect(NOOP) as second:
                assert "1 sessions" in expect_error(second, "session_limit", 1013)
            socket.send_bytes(jpeg)
            assert socket.receive_json()["frame_index"] == 1
            socket.send_text("the end")
            expect_error(socket, "invalid_message", 1003)
        with client.websocket_connect(NOOP) as third:
            third.send_bytes(jpeg)
            assert third.receive_json()["frame_index"] == 0


# What follows needs a pipeline that the test controls, or settings of its own.


def test_a_full_line_drops_its_oldest_frame_at_once(held, gate, jpeg):
    with held.websocket_connect(f"{PATH}?pipeline_id=held") as socket:
        socket.send_bytes(jpeg)
        gate.wait_for_frame()
        for _ in range(5):
            socket.send_bytes(jpeg)
        assert [socket.receive_json() for _ in range(3)] == [
            {"frame_index": index, "dropped": True} for index in (1, 2, 3)
        ]
        gate.let_through(3)
        assert [socket.receive_json()["result"] for _ in range(3)] == [
            {"seen": index} for index in (0, 4, 5)
        ]


def test_a_failure_names_its_node_and_the_waiting_frames_are_dropped(gate, jpeg):
    with (
        TestClient(pipelines=gate.pipelines) as client,
        client.websocket_connect(f"{PATH}?pipeline_id=broken") as socket,
    ):
        socket.send_bytes(jpeg)
        detail = expect_error(socket, "pipeline_failure", 1011)
    told, line = detail.split(" (line ")
    assert told == "node 'node': ZeroDivisionError: a secret"
    assert line.endswith(" of step())")


class Faulty:
    """A listener with a bug, in the midst of the server."""

    def __init__(self, method):
        setattr(self, method, self.fail)

    def fail(self, *args):
        raise KeyError("a secret")

    def __getattr__(self, name):
        return lambda *args: None


@pytest.mark.parametrize("method", ["opened", "frame_received"])
def test_anything_else_is_an_internal_error_and_its_traceback_is_logged(jpeg, caplog, method):
    with TestClient() as client:
        client.service.listeners.insert(0, Faulty(method))
        with client.websocket_connect(NOOP) as socket:
            socket.send_bytes(jpeg)
            assert "secret" not in expect_error(socket, "internal_error", 1011)
    assert "KeyError: 'a secret'" in caplog.text


def test_a_session_that_has_failed_is_counted_out_at_once(gate):
    with (
        TestClient(Settings(max_sessions=1), gate.pipelines) as client,
        client.websocket_connect(NOOP) as lingering,
    ):
        lingering.send_text("hello")
        assert lingering.receive_json()["error"] == "invalid_message"
        assert client.get("/streamlab/sessions").json() == {"sessions": []}


def test_an_error_is_told_after_the_frames_that_it_costs(held, gate, jpeg):
    with held.websocket_connect(f"{PATH}?pipeline_id=held") as socket:
        socket.send_bytes(jpeg)
        gate.wait_for_frame()
        socket.send_bytes(jpeg)
        socket.send_bytes(b"no jpeg")
        assert socket.receive_json() == {"frame_index": 0, "dropped": True}
        assert socket.receive_json() == {"frame_index": 1, "dropped": True}
        expect_error(socket, "invalid_frame", 1007)


def test_a_lossless_session_waits_instead_of_dropping(held, gate, jpeg):
    with held.websocket_connect(f"{PATH}?pipeline_id=held&policy=lossless") as socket:
        for _ in range(20):
            socket.send_bytes(jpeg)
        gate.wait_for_frame()
        [session] = held.get("/streamlab/sessions").json()["sessions"]
        assert session["ledger"]["received"] <= 4
        gate.let_through(20)
        answers = [socket.receive_json() for _ in range(20)]
    assert [answer["result"]["seen"] for answer in answers] == list(range(20))


def test_sessions_of_one_worker_take_turns(held, gate, jpeg):
    with (
        held.websocket_connect(f"{PATH}?pipeline_id=held") as greedy,
        held.websocket_connect(f"{PATH}?pipeline_id=held") as modest,
    ):
        greedy.send_bytes(jpeg)
        gate.wait_for_frame()
        for _ in range(30):
            greedy.send_bytes(jpeg)
        while greedy.receive_json()["frame_index"] < 28:
            pass
        modest.send_bytes(jpeg)
        gate.let_through(1)
        gate.wait_for_frame()
        gate.let_through(1)
        gate.wait_for_frame()
        gate.let_through(1)
        assert modest.receive_json()["result"] == {"seen": 0}


def test_stopping_the_server_closes_every_session_with_1001(gate, jpeg):
    client = TestClient(pipelines=gate.pipelines)
    with client:
        socket = client.websocket_connect(NOOP)
        socket.__enter__()
        socket.send_bytes(jpeg)
        socket.receive_json()
        client.stop_server()
        expect_close(socket, 1001)


def test_a_client_that_leaves_leaves_nothing_behind(held, gate, jpeg):
    with held.websocket_connect(f"{PATH}?pipeline_id=held") as socket:
        socket.send_bytes(jpeg)
        gate.wait_for_frame()
    with held.websocket_connect("/ws/events?topic=sessions") as observer:
        while observer.receive_json()["sessions"]:
            pass
    gate.let_through(1)


def test_an_idle_session_is_ended_where_that_is_set(host, jpeg):
    with host({"STREAM_IDLE_TIMEOUT_SECONDS": "0.5"}) as client:
        with client.websocket_connect("/ws/video/stream?pipeline_id=noop") as socket:
            socket.send_bytes(jpeg)
            assert socket.receive_json()["result"] == {}
            assert "0.5 s" in expect_error(socket, "idle_timeout", 1008)
        # an observer has nothing to say, and stays: it is told of the session, then of none
        with client.websocket_connect("/ws/events?topic=sessions") as observer:
            assert observer.receive_json()["sessions"] == []
            with client.websocket_connect("/ws/video/stream?pipeline_id=noop") as socket:
                expect_error(socket, "idle_timeout", 1008)
            while observer.receive_json()["sessions"]:
                pass


def test_a_session_that_waits_for_its_answer_is_not_idle(gate, jpeg):
    settings = Settings(idle_timeout_s=0.2)
    with (
        TestClient(settings, pipelines=gate.pipelines) as client,
        client.websocket_connect("/ws/video/stream?pipeline_id=held") as socket,
        client.websocket_connect("/ws/video/stream?pipeline_id=noop") as idle,
    ):
        socket.send_bytes(jpeg)
        gate.wait_for_frame()
        expect_error(idle, "idle_timeout", 1008)
        gate.let_through()
        assert socket.receive_json()["result"] == {"seen": 0}
        expect_error(socket, "idle_timeout", 1008)
