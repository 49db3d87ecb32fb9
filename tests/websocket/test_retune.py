"""A live session's settings: in its URL, and changed while it runs, under both hosts."""

import json
import urllib.request
from urllib.error import HTTPError

import pytest

NOOP = "/ws/video/stream?pipeline_id=noop&detail=full"


def patch(client, session_id, body):
    """Return the status and the parsed answer of a PATCH."""
    request = urllib.request.Request(
        f"{client.base_url}/streamlab/sessions/{session_id}",
        body if isinstance(body, bytes) else json.dumps(body).encode(),
        client.headers,
        method="PATCH",
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        return error.code, json.loads(error.read())


def opened(socket, jpeg):
    """Send a frame and return what the server tells of the session."""
    socket.send_bytes(jpeg)
    return socket.receive_json()["server"]


def test_a_session_is_shown_and_changed_by_its_id(client, jpeg):
    with client.websocket_connect(f"{NOOP}&waiting_frames=5&window_s=0.5") as socket:
        told = opened(socket, jpeg)
        shown = client.get(f"/streamlab/sessions/{told['session']}").json()
        assert (shown["waiting_frames"], shown["window_s"]) == (5, 0.5)
        changes = {"drop_threshold": 0.25, "slowdown_threshold": 0.5, "waiting_frames": 3}
        status, answer = patch(client, told["session"], changes)
        assert status == 200
        assert {name: answer[name] for name in changes} == changes
        assert client.get(f"/streamlab/sessions/{told['session']}").json()["drop_threshold"] == 0.25
        socket.send_bytes(jpeg)
        assert socket.receive_json()["frame_index"] == 1


def test_a_change_is_of_that_session_alone(client, jpeg):
    with client.websocket_connect(NOOP) as one, client.websocket_connect(NOOP) as other:
        first, second = opened(one, jpeg), opened(other, jpeg)
        patch(client, first["session"], {"drop_threshold": 0.2})
        assert (
            client.get(f"/streamlab/sessions/{second['session']}").json()["drop_threshold"] == 0.1
        )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"drop_threshold": 2}, "from 0 to 1"),
        ({"drop_threshold": 0.9}, "under the drop threshold"),
        ({"waiting_frames": 0}, "from 1 to"),
        ({"waiting_frames": 1.5}, "whole number"),
        ({"window_s": 1e9}, "seconds"),
        ({"policy": 1}, "allowed: drop_threshold"),
        ({"drop_threshold": "0.1"}, "JSON object of numbers"),
        (b"[]", "JSON object"),
        (b"\xff{", "JSON object"),
        (b"", "JSON object"),
    ],
)
def test_what_is_not_allowed_is_told_and_changes_nothing(client, jpeg, body, words):
    with client.websocket_connect(NOOP) as socket:
        told = opened(socket, jpeg)
        before = client.get(f"/streamlab/sessions/{told['session']}").json()
        status, answer = patch(client, told["session"], body)
        assert (status, answer["error"]) == (400, "invalid_parameter")
        assert words in answer["detail"]
        after = client.get(f"/streamlab/sessions/{told['session']}").json()
        assert {n: after[n] for n in ("drop_threshold", "waiting_frames", "window_s")} == {
            n: before[n] for n in ("drop_threshold", "waiting_frames", "window_s")
        }


def test_a_session_that_is_not_live_is_told(client):
    status, answer = patch(client, "nobody", {"drop_threshold": 0.1})
    assert (status, answer["error"]) == (404, "unknown_session")
    assert client.get("/streamlab/sessions/nobody").status_code == 404


def test_a_stranger_changes_nothing(client, jpeg):
    with client.websocket_connect(NOOP) as socket:
        told = opened(socket, jpeg)
        request = urllib.request.Request(
            f"{client.base_url}/streamlab/sessions/{told['session']}", b"{}", method="PATCH"
        )
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)
        assert refused.value.code == 403


@pytest.mark.parametrize(
    "query", ["waiting_frames=0", "waiting_frames=x", "window_s=0", "window_s=nan"]
)
def test_a_setting_in_the_url_that_is_not_allowed_is_named(client, query):
    with client.websocket_connect(f"{NOOP}&{query}") as socket:
        message = socket.receive_json()
        assert message["error"] == "invalid_parameter"
        assert query.split("=")[0] in message["detail"]
