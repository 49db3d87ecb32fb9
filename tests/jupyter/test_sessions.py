"""The shared handlers at work in a Jupyter server's event loop, beside its own."""

import asyncio
import json

import pytest
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import url_path_join
from prometheus_client import REGISTRY
from tornado.websocket import WebSocketHandler

NOOP = {"pipeline_id": "noop"}
KIB = 2**10
HANGS_S = 20


class Echo(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """A WebSocket of somebody else's extension."""

    @ws_authenticated
    async def get(self):
        await super().get()

    def on_message(self, message):
        self.write_message(f"{len(message)} bytes")


async def receive(socket):
    return json.loads(await socket.read_message())


async def health(jp_fetch):
    return json.loads((await jp_fetch("streamlab/health")).body)


@pytest.mark.parametrize(
    "jp_server_config",
    [{"StreamlabApp": {"worker_kind": kind, "workers": 1}} for kind in ("process", "thread")],
    ids=["process", "thread"],
)
async def test_a_frame_is_answered_and_its_session_shown_to_observers(jp_fetch, jp_ws_fetch, jpeg):
    observer = await jp_ws_fetch("ws/events", params={"topic": "sessions"})
    assert await receive(observer) == {"topic": "sessions", "sessions": []}
    assert (await health(jp_fetch))["workers"] == 0, "the first session starts them"
    socket = await jp_ws_fetch("ws/video/stream", params=NOOP)
    await socket.write_message(jpeg, binary=True)
    answer = await receive(socket)
    assert answer["frame_index"] == 0
    assert answer["result"] == {}
    (shown,) = (await receive(observer))["sessions"]
    (session,) = json.loads((await jp_fetch("streamlab/sessions")).body)["sessions"]
    assert shown["pipeline_id"] == session["pipeline_id"] == "noop"
    assert session["ledger"]["processed"] == 1
    socket.close()
    observer.close()


async def test_an_unknown_pipeline_is_told_and_closed_with_1008(jp_ws_fetch):
    socket = await jp_ws_fetch("ws/video/stream", params={"pipeline_id": "nonsense"})
    answer = await receive(socket)
    assert answer["error"] == "invalid_pipeline"
    assert "noop" in answer["detail"]
    assert await socket.read_message() is None
    assert socket.close_code == 1008


@pytest.mark.parametrize("jp_server_config", [{"StreamlabApp": {"max_frame_size_mb": 1 / KIB}}])
async def test_the_message_limit_is_the_extensions_own(jp_serverapp, jp_ws_fetch, jp_base_url):
    path = url_path_join(jp_base_url, "echo")
    jp_serverapp.web_app.add_handlers(".*$", [(path, Echo)])
    too_large = b"\xff" * (KIB + 1)

    socket = await jp_ws_fetch("ws/video/stream", params=NOOP)
    await socket.write_message(too_large, binary=True)
    assert (await receive(socket))["error"] == "frame_too_large"
    assert await socket.read_message() is None
    assert socket.close_code == 1009

    echo = await jp_ws_fetch("echo")
    await echo.write_message(too_large, binary=True)
    assert await echo.read_message() == f"{KIB + 1} bytes"
    echo.close()
    assert "websocket_max_message_size" not in jp_serverapp.web_app.settings


async def test_jupyters_own_metrics_include_the_sessions(jp_fetch, jp_ws_fetch, jpeg):
    # other servers of this process have counted into the same registry
    before = REGISTRY.get_sample_value("streamlab_sessions", {"pipeline": "noop"}) or 0.0
    socket = await jp_ws_fetch("ws/video/stream", params=NOOP)
    await socket.write_message(jpeg, binary=True)
    await receive(socket)
    metrics = (await jp_fetch("metrics")).body.decode()
    assert f'streamlab_sessions{{pipeline="noop"}} {before + 1}' in metrics
    assert 'streamlab_frames_processed_total{pipeline="noop"}' in metrics
    socket.close()


async def test_a_server_that_streams_is_not_idle(jp_serverapp, jp_ws_fetch, jpeg):
    activity = jp_serverapp.extension_manager.any_activity
    assert not activity()
    socket = await jp_ws_fetch("ws/video/stream", params=NOOP)
    await socket.write_message(jpeg, binary=True)
    await receive(socket)
    assert activity()
    socket.close()


async def test_a_frame_is_activity_of_the_server_as_a_hub_asks_for_it(
    jp_serverapp, jp_ws_fetch, jpeg
):
    socket = await jp_ws_fetch("ws/video/stream", params=NOOP)
    observer = await jp_ws_fetch("ws/events", params={"topic": "sessions"})
    await receive(observer)
    before = jp_serverapp.web_app.last_activity()
    await observer.write_message("anything")
    await receive(observer)
    assert jp_serverapp.web_app.last_activity() == before, "looking on is none"
    await socket.write_message(jpeg, binary=True)
    await receive(socket)
    assert jp_serverapp.web_app.last_activity() > before
    socket.close()
    observer.close()


async def test_stopping_the_extensions_closes_every_socket_with_1001(
    jp_serverapp, jp_ws_fetch, jpeg
):
    socket = await jp_ws_fetch("ws/video/stream", params=NOOP)
    observer = await jp_ws_fetch("ws/events", params={"topic": "sessions"})
    await socket.write_message(jpeg, binary=True)
    await receive(socket)
    await jp_serverapp.extension_manager.stop_all_extensions()
    async with asyncio.timeout(HANGS_S):
        while await observer.read_message() is not None:
            pass
        assert await socket.read_message() is None
    assert (socket.close_code, observer.close_code) == (1001, 1001)
