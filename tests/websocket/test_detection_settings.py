"""What a session finds: its least score and its labels, in the URL and while it runs."""

import json
import os
import signal
from urllib.parse import quote

import pytest

from streamlab.media import frames
from streamlab.media.samples import find_video
from streamlab.media.video import read_frames
from streamlab.pipelines.detection_filter import MAX_LABEL_LENGTH, MAX_LABELS
from streamlab.testing import TestClient, WebSocketDisconnect
from streamlab.tools.detection import Detection
from streamlab.tools.tool import Tool

STREAM = "/ws/video/stream?detail=full"
YOLO = f"{STREAM}&pipeline_id=yolo"
YOLO_OCR = f"{STREAM}&pipeline_id=yolo_ocr"
OPEN = {"min_score": 0.0, "labels": None}
BUNDLED = ["vehicle", "plate", "parcel", "label"]


@pytest.fixture(scope="module")
def gate_frames():
    """Frames of a sample in which vehicles and plates are found."""
    images = zip(range(40), read_frames(find_video("gate_easy")), strict=False)
    return [frames.encode(image) for index, image in images if index >= 24]


@pytest.fixture(scope="module", params=["process", "thread"])
def worked(request):
    """A client of a server with workers of each kind."""
    with TestClient(worker_kind=request.param) as client:
        yield client


def patch(client, session_id, body):
    """Return the status and the parsed answer of a PATCH."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.request("PATCH", f"/streamlab/sessions/{session_id}", content=content)
    return answer.status_code, answer.json()


def ask(socket, frame):
    """Send a frame and return its answer."""
    socket.send_bytes(frame)
    return socket.receive_json()


def settings_of(shown):
    return {name: shown[name] for name in OPEN}


def found(answer):
    return [(each["label"], each["score"]) for each in answer["result"]["detections"]]


@pytest.mark.parametrize(
    ("query", "settings"),
    [
        ("", OPEN),
        ("min_score=0.4", {"min_score": 0.4, "labels": None}),
        ("min_score=0.4&labels=plate,vehicle", {"min_score": 0.4, "labels": ["plate", "vehicle"]}),
        ("labels=plate%2C%20vehicle", {"min_score": 0.0, "labels": ["plate", "vehicle"]}),
        ("labels=plate&labels=vehicle", {"min_score": 0.0, "labels": ["plate", "vehicle"]}),
        ("labels=plate&labels=plate", {"min_score": 0.0, "labels": ["plate"]}),
        ("min_score=0.1&min_score=1", {"min_score": 1.0, "labels": None}),
    ],
)
def test_a_session_shows_what_its_url_asks_for(client, jpeg, query, settings):
    with client.websocket_connect(f"{YOLO}&{query}") as socket:
        session_id = ask(socket, jpeg)["server"]["session"]
        assert settings_of(client.get(f"/streamlab/sessions/{session_id}").json()) == settings


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("pipeline_id=yolo&min_score=1.5", "min_score='1.5': a number from 0 to 1"),
        ("pipeline_id=yolo&min_score=nan", "min_score='nan': a number from 0 to 1"),
        ("pipeline_id=yolo&min_score=much", "min_score='much': a number from 0 to 1"),
        ("pipeline_id=yolo&min_score=", "min_score='': a number from 0 to 1"),
        ("pipeline_id=yolo&labels=", f"labels='': 1 to {MAX_LABELS} names"),
        ("pipeline_id=yolo&labels=plate,,", f"labels='': 1 to {MAX_LABELS} names"),
        ("pipeline_id=yolo&labels=plate,dog", "labels='dog': the pipeline 'yolo' finds vehicle, p"),
        ("pipeline_id=yolo&labels=plate,vehicle&labels=plate", "labels='plate,vehicle': the pipel"),
        ("pipeline_id=noop&min_score=0.5", "min_score='0.5': the pipeline 'noop' detects nothing"),
        ("pipeline_id=noop&min_score=0", "min_score='0.0': the pipeline 'noop' detects nothing"),
        ("pipeline_id=ocr&labels=plate", "the pipeline 'ocr' detects nothing"),
        (f"pipeline_id=yolo&labels={'x' * (MAX_LABEL_LENGTH + 1)}", "each of 1 to 100 characters"),
        (f"pipeline_id=yolo&labels={'x,' * MAX_LABELS}x", f"'{MAX_LABELS + 1} names'"),
    ],
)
def test_what_is_not_allowed_in_a_url_is_named(client, query, words):
    with client.websocket_connect(f"{STREAM}&{query}") as socket:
        message = socket.receive_json()
        assert message["error"] == "invalid_parameter"
        assert words in message["detail"]
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
        assert closed.value.code == 1008


@pytest.mark.parametrize(
    ("settings", "passes"),
    [
        ({"min_score": 0.8}, lambda label, score: score >= 0.8),
        ({"labels": ["plate"]}, lambda label, score: label == "plate"),
        (
            {"min_score": 0.8, "labels": ["vehicle", "parcel"]},
            lambda label, score: score >= 0.8 and label == "vehicle",
        ),
        ({"min_score": 0.01}, lambda label, score: True),
    ],
)
def test_the_url_and_a_patch_leave_the_same_of_what_is_found(worked, gate_frames, settings, passes):
    names = ",".join(settings.get("labels", []))
    query = f"&min_score={settings.get('min_score', 0)}" + (f"&labels={names}" if names else "")
    with (
        worked.websocket_connect(YOLO) as whole,
        worked.websocket_connect(f"{YOLO}{query}") as limited,
        worked.websocket_connect(YOLO) as patched,
    ):
        first = ask(patched, gate_frames[0])
        status, shown = patch(worked, first["server"]["session"], settings)
        assert (status, settings_of(shown)) == (200, {**OPEN, **settings})
        everything = [found(ask(whole, frame)) for frame in gate_frames]
        assert {label for each in everything for label, _ in each} >= {"vehicle", "plate"}
        wanted = [[each for each in all_ if passes(*each)] for all_ in everything]
        assert [found(ask(limited, frame)) for frame in gate_frames] == wanted
        assert [found(ask(patched, frame)) for frame in gate_frames] == wanted
        assert found(first) == everything[0]


def test_what_is_left_out_is_neither_tracked_nor_read(worked, gate_frames):
    with worked.websocket_connect(f"{YOLO_OCR}&labels=vehicle") as socket:
        answers = [ask(socket, frame) for frame in gate_frames]
    results = [answer["result"] for answer in answers]
    assert {each["label"] for result in results for each in result["detections"]} == {"vehicle"}
    assert {result["text"] for result in results} == {""}


def test_a_change_leaves_a_sessions_tracks_as_they_are(worked, gate_frames):
    def plates(answer):
        each = answer["result"]["detections"]
        return sorted((d.get("track_id", 0), d["x"]) for d in each if d["label"] == "plate")

    with worked.websocket_connect(YOLO_OCR) as left, worked.websocket_connect(YOLO_OCR) as changed:
        for frame in gate_frames[:14]:
            ask(left, frame)
            last = ask(changed, frame)
        patch(worked, last["server"]["session"], {"labels": ["plate"]})
        after = ask(changed, gate_frames[14])
        assert plates(after) == plates(ask(left, gate_frames[14]))
        assert {each["label"] for each in after["result"]["detections"]} == {"plate"}
    with worked.websocket_connect(f"{YOLO_OCR}&labels=plate") as anew:
        assert plates(ask(anew, gate_frames[14])) != plates(after), "nothing remembered to compare"


def test_null_is_all_labels_again_and_what_is_not_given_stays(client, gate_frames):
    with client.websocket_connect(f"{YOLO}&min_score=0.3&labels=plate") as socket:
        session_id = ask(socket, gate_frames[0])["server"]["session"]
        _, shown = patch(client, session_id, {"labels": None})
        assert settings_of(shown) == {"min_score": 0.3, "labels": None}
        _, shown = patch(client, session_id, {"labels": ["vehicle"], "drop_threshold": 0.2})
        assert settings_of(shown) == {"min_score": 0.3, "labels": ["vehicle"]}
        assert shown["drop_threshold"] == 0.2
        _, shown = patch(client, session_id, {"min_score": 0})
        assert settings_of(shown) == {"min_score": 0.0, "labels": ["vehicle"]}
        assert {label for label, _ in found(ask(socket, gate_frames[0]))} == {"vehicle"}


TOO_MANY = [f"label {number}" for number in range(MAX_LABELS + 1)]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"min_score": 1.5, "drop_threshold": 0.2}, "min_score='1.5': a number from 0 to 1"),
        ({"min_score": 0.5, "drop_threshold": 2}, "drop_threshold='2': a number from 0 to 1"),
        ({"drop_threshold": 0.2, "labels": ["plate", "dog"]}, "'dog': the pipeline 'yolo' finds"),
        ({"min_score": 0.5, "labels": []}, "'0 names': 1 to"),
        ({"min_score": 0.5, "labels": [""]}, "labels='': 1 to"),
        ({"min_score": 0.5, "labels": 3}, "labels='3.0': a list of names"),
        ({"min_score": None}, "min_score='None': a number from 0 to 1"),
        ({"min_score": ["a"]}, "a number from 0 to 1"),
        ({"drop_threshold": ["a"]}, "drop_threshold='[\"a\"]': a number from 0 to 1"),
        ({"drop_threshold": None, "min_score": 0.5}, "a number from 0 to 1"),
        ({"min_score": 0.5, "colour": 1}, "allowed: drop_threshold, slowdown_threshold, waiting"),
        ({"min_score": 0.5, "labels": TOO_MANY}, f"'{MAX_LABELS + 1} names'"),
        ({"min_score": 0.5, "labels": [[1]]}, "a JSON object of numbers is allowed, with `labels`"),
        ({"min_score": 0.5, "labels": "plate"}, "`labels` a list of names, or null for all"),
        (b'{"min_score": 0.5, "labels": ' + b"[" * 50_000, "a JSON object of numbers"),
        (b" " * 200_000 + b"{}", "body='over 131072 bytes': at most 131072 bytes are allowed"),
    ],
)
def test_what_is_not_allowed_changes_nothing_at_all(client, jpeg, body, words):
    with client.websocket_connect(f"{YOLO}&min_score=0.3&labels=plate") as socket:
        session_id = ask(socket, jpeg)["server"]["session"]
        status, answer = patch(client, session_id, body)
        assert (status, answer["error"]) == (400, "invalid_parameter")
        assert words in answer["detail"]
        assert len(answer["detail"]) < 400
        shown = client.get(f"/streamlab/sessions/{session_id}").json()
        assert settings_of(shown) == {"min_score": 0.3, "labels": ["plate"]}
        assert shown["drop_threshold"] == 0.1


def test_a_session_whose_pipeline_does_not_detect_refuses_by_name(client, jpeg):
    with client.websocket_connect(f"{STREAM}&pipeline_id=noop") as socket:
        session_id = ask(socket, jpeg)["server"]["session"]
        status, answer = patch(client, session_id, {"drop_threshold": 0.2, "min_score": 0.1})
        assert (status, answer["error"]) == (400, "invalid_parameter")
        assert answer["detail"].startswith("min_score='0.1': the pipeline 'noop' detects nothing")
        shown = client.get(f"/streamlab/sessions/{session_id}").json()
        assert shown["drop_threshold"] == 0.1
        assert settings_of(shown) == OPEN


def test_a_change_is_of_that_session_alone(worked, gate_frames):
    with worked.websocket_connect(YOLO) as one, worked.websocket_connect(YOLO) as other:
        before = found(ask(other, gate_frames[0]))
        patch(worked, ask(one, gate_frames[0])["server"]["session"], {"labels": ["parcel"]})
        assert found(ask(one, gate_frames[0])) == []
        assert found(ask(other, gate_frames[0])) == before


def test_observers_are_shown_the_settings(client, jpeg):
    with client.websocket_connect(f"{YOLO}&labels=plate") as socket:
        ask(socket, jpeg)
        with client.websocket_connect("/ws/events?topic=sessions") as observer:
            [shown] = observer.receive_json()["sessions"]
    assert settings_of(shown) == {"min_score": 0.0, "labels": ["plate"]}


def test_the_pipelines_say_what_they_find(client):
    told = client.get("/streamlab/pipelines").json()["pipelines"]
    by_id = {pipeline["id"]: pipeline for pipeline in told}
    names = ("detects", "labels", "score_threshold")
    assert {name: by_id["yolo_ocr"][name] for name in names} == {
        "detects": True,
        "labels": BUNDLED,
        "score_threshold": 0.25,
    }
    assert [by_id["noop"][name] for name in names] == [False, None, None]
    assert [by_id["ocr"][name] for name in names] == [False, None, None]
    assert [by_id["unloadable"][name] for name in names] == [True, None, 0.25]
    assert by_id["crowd"]["score_threshold"] == 0


def test_labels_that_nobody_knows_are_let_through(client):
    """A session that cannot know better finds nothing of them, or, here, cannot be opened."""
    with client.websocket_connect(f"{STREAM}&pipeline_id=unloadable&labels=dog") as socket:
        assert socket.receive_json()["error"] == "pipeline_failure"


def held_finder(gate):
    """Register a pipeline that finds one thing a frame when the test lets it."""

    class HeldFinder(Tool):
        name = "held_finder"
        reads = frozenset({"frame_index"})
        produces = frozenset({"detections"})

        def open(self):
            def step(values):
                gate.entered.release()
                assert gate.frames.acquire(timeout=30), "the test did not let the frame through"
                x = float(values["frame_index"])
                return {"detections": [Detection(x, 0.0, 9.0, 9.0, label="a, b", score=0.5)]}

            return step

    gate.pipelines.tools.register(HeldFinder)
    gate.pipelines.add({"id": "held_finder", "nodes": [{"id": "find", "tool": "held_finder"}]})


def test_a_frame_in_flight_keeps_the_filter_that_it_started_with(gate, jpeg):
    held_finder(gate)
    with (
        TestClient(pipelines=gate.pipelines) as client,
        client.websocket_connect(f"{STREAM}&pipeline_id=held_finder") as socket,
    ):
        socket.send_bytes(jpeg)
        gate.wait_for_frame()
        socket.send_bytes(jpeg)  # waits in line
        [shown] = client.get("/streamlab/sessions").json()["sessions"]
        assert patch(client, shown["session_id"], {"min_score": 0.6})[0] == 200
        gate.let_through()
        assert [each["x"] for each in socket.receive_json()["result"]["detections"]] == [0]
        gate.let_through()
        assert socket.receive_json()["result"]["detections"] == []
        gate.let_through(1000)


def test_a_label_with_a_comma_is_given_by_repeating_the_parameter(gate, jpeg):
    held_finder(gate)
    gate.let_through(1000)
    name = quote("a, b")
    with TestClient(pipelines=gate.pipelines) as client:
        path = f"{STREAM}&pipeline_id=held_finder"
        with client.websocket_connect(f"{path}&labels={name}&labels=c") as socket:
            assert len(ask(socket, jpeg)["result"]["detections"]) == 1
        with client.websocket_connect(f"{path}&labels={name}") as socket:
            assert ask(socket, jpeg)["result"]["detections"] == []


def test_a_sessions_filter_outlives_its_worker(gate_frames):
    with (
        TestClient(worker_kind="process") as client,
        client.websocket_connect(YOLO) as socket,
    ):
        everything = ask(socket, gate_frames[0])
        assert {label for label, _ in found(everything)} == {"vehicle", "plate"}
        patch(client, everything["server"]["session"], {"labels": ["plate"]})
        [worker] = client.service.pool.workers
        pid = worker.pid
        os.kill(pid, signal.SIGKILL)
        while worker.pid == pid:  # until the server knows
            pass
        assert {label for label, _ in found(ask(socket, gate_frames[0]))} == {"plate"}
