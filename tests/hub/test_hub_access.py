"""Who gets in at a hub with a token, from outside, through its proxy."""

import json

import pytest
from hub_process import OTHER, OWNER, STOPPED, ask

from streamlab import connect
from streamlab.errors import ServerError
from streamlab.testing import TestClient, WebSocketRefused

STREAM = "/ws/video/stream?pipeline_id=noop"
EVENTS = "/ws/events?topic=sessions"
SESSIONS = "/streamlab/sessions"
PAIRS = [(OWNER, OTHER), (OTHER, OWNER)]


def client_of(hub, user, token):
    """Return a client of a user's server, to be entered with `with`."""
    return TestClient(base_url=hub.server_url(user), headers={"Authorization": f"token {token}"})


def sessions_of(client):
    return client.get(SESSIONS).json()["sessions"]


def patch(client, session_id, threshold):
    body = json.dumps({"drop_threshold": threshold}).encode()
    return client.request("PATCH", f"{SESSIONS}/{session_id}", content=body)


@pytest.fixture
def shared(hub):
    """The owner's server, shared with the other user for as long as the test runs."""
    status, told = hub.api("POST", f"/shares/{OWNER}/", {"user": OTHER}, hub.token_of(OWNER))
    assert status == 200, told
    yield
    status, told = hub.api("PATCH", f"/shares/{OWNER}/", {"user": OTHER}, hub.token_of(OWNER))
    assert status == 200, told


@pytest.mark.parametrize("user", [OWNER, OTHER])
def test_connect_streams_to_a_users_server_from_outside_with_a_token_of_that_user(hub, user):
    with connect(hub.server_url(user), hub.token_of(user)) as lab:
        recording = lab.stream("gate_easy", pipeline_id="noop", seconds=1, progress=False)
    assert set(recording.frames["fate"]) == {"processed"}


def test_modules_and_styles_are_open_and_nothing_else_is(hub):
    url = hub.server_url(OWNER)
    for name in ("page.js", "live.js", "view/live.css", "settings.json", "icon.svg"):
        assert ask("GET", f"{url}/streamlab/web/{name}")[0] == 200
    for path in (
        "health",
        "pipelines",
        "sessions",
        "sessions/s1",
        "samples",
        "samples/gate_easy.mp4",
    ):
        assert ask("GET", f"{url}/streamlab/{path}")[0] == 403, path
    _, page = ask("GET", f"{url}/streamlab/live")
    assert "username_input" in page, "the page leads to the hub's login"


@pytest.mark.parametrize(("user", "other"), PAIRS)
def test_no_token_of_a_user_opens_the_server_of_another(hub, user, other):
    with (
        client_of(hub, other, hub.token_of(other)) as theirs,
        theirs.websocket_connect(STREAM),
        client_of(hub, other, hub.token_of(user)) as intruder,
    ):
        (session,) = sessions_of(theirs)
        for path in ("health", "pipelines", "sessions", f"sessions/{session['session_id']}"):
            assert intruder.get(f"/streamlab/{path}").status_code == 403, path
        assert intruder.get("/streamlab/live").status_code == 403
        assert patch(intruder, session["session_id"], 0.2).status_code == 403
        for path in (STREAM, EVENTS):
            with pytest.raises(WebSocketRefused, match="403"), intruder.websocket_connect(path):
                pass
        assert sessions_of(theirs)[0]["drop_threshold"] == session["drop_threshold"]
    with pytest.raises(ServerError, match="access denied"):
        connect(hub.server_url(other), hub.token_of(user)).health()


def test_a_user_with_whom_a_server_is_shared_gets_in_and_is_seen_as_a_guest(hub, shared):
    with (
        client_of(hub, OWNER, hub.token_of(OWNER)) as owner,
        client_of(hub, OWNER, hub.token_of(OTHER)) as guest,
        owner.websocket_connect(STREAM),
        guest.websocket_connect(STREAM),
    ):
        assert [session.get("guest") for session in sessions_of(owner)] == [None, OTHER]
        owners, own = sessions_of(guest)
        assert (owners.get("guest"), own["guest"]) == (None, OTHER), "a guest sees all sessions"
        assert patch(guest, owners["session_id"], 0.2).status_code == 200, "and may tune them"


def test_a_share_that_was_taken_back_lets_nobody_in(hub):
    token = hub.token_of(OWNER)
    path = f"/shares/{OWNER}/"
    assert hub.api("POST", path, {"user": OTHER}, token)[0] == 200
    assert hub.api("PATCH", path, {"user": OTHER}, token)[0] == 200
    with client_of(hub, OWNER, hub.token_of(OTHER)) as intruder:
        assert intruder.get("/streamlab/health").status_code == 403


def test_a_token_for_one_shared_server_opens_that_server_alone(hub, shared):
    scope = f"access:servers!server={OWNER}/"
    token = hub.token_of(OTHER, [scope])
    with connect(hub.server_url(OWNER), token) as lab:
        recording = lab.stream("gate_easy", pipeline_id="noop", seconds=1, progress=False)
    assert set(recording.frames["fate"]) == {"processed"}
    with pytest.raises(ServerError, match="access denied"):
        connect(hub.server_url(OTHER), token).health()
    assert hub.api("GET", "/users", token=token)[0] == 403, "nor the hub"


def test_a_server_that_does_not_run_is_told_of_in_a_sentence(hub):
    lab = connect(hub.server_url(STOPPED), hub.token_of(STOPPED))
    with pytest.raises(ServerError, match="does not run; start it at the hub"):
        lab.health()
