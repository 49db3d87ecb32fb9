"""Settings for sessions that run: of a background stream, of a live view, of anybody else."""

import contextlib
import threading

import pytest
from pictures import make_image
from recordings import calm_recording

from streamlab.errors import OptionError, ServerError
from streamlab.lab import Lab, LiveView, tune
from streamlab.media.frames import encode
from streamlab.testing import TestClient

PATH = "/ws/video/stream?pipeline_id=noop"
JPEG = encode(make_image())


@pytest.fixture
def server():
    with TestClient(token="secret") as server:
        yield server


@pytest.fixture
def lab(server):
    return Lab(server.base_url, "secret", "a server that runs already")


@contextlib.contextmanager
def session(server):
    """A session that somebody opened; yields its id."""
    with server.websocket_connect(f"{PATH}&token=secret") as websocket:
        # what is answered is live
        websocket.send_bytes(JPEG)
        websocket.receive_json()
        yield [*server.service.sessions][-1].session_id


def view_of(lab, session_id, **settings):
    """A live view as it is once its browser has told that it streams."""
    view = LiveView(lab, **settings)
    view.set_state({"session_id": session_id, "running": True, "status": "streaming"})
    return view


def thresholds(lab):
    return {told["session_id"]: told["drop_threshold"] for told in lab.sessions()}


def test_a_live_views_session_is_reached_among_others(server, lab):
    with session(server) as mine, session(server) as other:
        view = view_of(lab, mine)
        [applied] = lab.apply({"drop_threshold": 0.25})
        assert applied["session_id"] == mine
        assert thresholds(lab) == {mine: 0.25, other: 0.1}
        panel = lab.tune(calm_recording(frames=30))
        panel.set(drop_threshold=0.2)
        [applied] = panel.apply()
        assert (applied["session_id"], applied["drop_threshold"]) == (mine, 0.2)
        assert panel.status.text.startswith(f"Applied to 1 running session, {mine} (noop): drop")
        view.running = False
        with pytest.raises(ServerError, match="2 sessions are running"):
            lab.apply({"drop_threshold": 0.3})


def test_a_view_that_the_kernel_has_no_news_of_is_the_only_one_of_the_server(server, lab):
    view = LiveView(lab)
    with session(server) as only:
        assert view.session_id == ""
        assert [told["session_id"] for told in lab.apply({"waiting_frames": 4})] == [only]


def test_where_it_is_not_clear_which_is_meant_all_are_named_and_how_to_choose(server, lab):
    with session(server) as one, session(server) as two:
        views = [view_of(lab, one), view_of(lab, two, source="gate_easy")]
        panel = tune(calm_recording(frames=30), lab)
        for apply in (lambda **more: lab.apply({"drop_threshold": 0.2}, **more), panel.apply):
            with pytest.raises(ServerError) as caught:
                apply()
            told = str(caught.value)
            assert told.startswith("2 sessions are running: ")
            assert f"'{one}' (LiveView of 'camera', noop for " in told
            assert f"'{two}' (LiveView of 'gate_easy', noop" in told
            assert told.endswith(f"as in apply(..., session_ids=['{one}'])")
            [applied] = apply(session_ids=[two])
            assert applied["session_id"] == two
            assert apply(session_ids=one)[0]["session_id"] == one
        panel.status.showing_errors(panel.apply)()
        assert "2 sessions are running" in panel.status.text
        del views


def test_a_view_of_another_server_and_one_whose_session_has_ended_are_not_meant(server, lab):
    with session(server) as ended:
        views = [view_of(lab, ended), view_of(Lab("http://127.0.0.1:9", None, "other"), "2")]
    message = r"2 sessions are running: '2' \(noop for"
    with session(server), session(server), pytest.raises(ServerError, match=message):
        lab.apply({"drop_threshold": 0.2})
    del views


def test_a_stream_in_the_background_and_a_view_at_once_are_told_apart(server, lab):
    answered = threading.Event()

    def note(row):
        if all(record.session_id for record in run.records):
            answered.set()

    stream = {"pipeline_id": "noop", "loop": True, "progress": False, "sessions": 2}
    with lab.streaming("gate_easy", **stream) as run:
        run.on_answer = note
        assert answered.wait(30)
        with session(server) as seen:
            applied = lab.apply({"drop_threshold": 0.2})
            assert {told["session_id"] for told in applied} == {*run.session_ids} != {seen}
            view = view_of(lab, seen)
            message = r"3 sessions are running: '\d' \(lab.streaming\(\)"
            with pytest.raises(ServerError, match=message):
                lab.apply({"drop_threshold": 0.3})
            view.running = False


def test_without_any_session_that_is_what_is_said(lab):
    with pytest.raises(ServerError, match=r"no session of this lab is running; .*LiveView\(lab\)"):
        lab.apply({"drop_threshold": 0.2})


@pytest.mark.parametrize("settings", [None, {}, "drop_threshold", 0.2, {"drop_threshold": object}])
def test_what_are_no_settings_is_refused_in_a_sentence(server, lab, settings):
    with session(server), pytest.raises(OptionError, match="a dict of settings, such as"):
        lab.apply(settings)


def test_a_session_that_is_not_live_is_refused_before_any_is_changed(server, lab):
    with session(server) as only:
        with pytest.raises(ServerError, match=f"session '99' is not live; live sessions: '{only}'"):
            lab.apply({"drop_threshold": 0.2}, session_ids=[only, "99"])
        assert thresholds(lab) == {only: 0.1}
        for wrong in ([], 3):
            with pytest.raises(OptionError, match="session_ids"):
                lab.apply({"drop_threshold": 0.2}, session_ids=wrong)
