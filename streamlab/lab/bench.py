"""`Lab`: a server, and what can be done with it from a notebook."""

import atexit
import contextlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..client.connection import stream_url
from ..client.http import ask
from ..errors import OptionError, ServerError
from ..loop_thread import LoopThread
from ..samples import default_pipeline
from ..server.embedded import EmbeddedServer
from ..server.routes import HEALTH_PATH, PIPELINES_PATH, SESSIONS_PATH
from ..server.subprocess import ServerProcess
from .about import about_server
from .options import StreamOptions, positive
from .recording import Recording
from .streaming import Streamer, encoded, stream

if TYPE_CHECKING:
    from .comparison import Comparison
    from .trace import Trace
    from .tuning import ThresholdPanel

WARM_TIMEOUT_S = 120.0
POLL_S = 0.05
OVERLOAD, BUSY = 1.3, 0.75
"""Shares of what workers bear that `Lab.measure` loads them with."""
LOAD_S = 8.0
SESSIONS_A_WORKER = 2
MAX_CLIENT_FPS = 400.0


class Lab:
    """A server to stream to, and what can be learned from it; a context manager.

    Made by `connect`. Leaving it ends a server that `connect` started, and no other.
    """

    def __init__(self, base_url: str, token: str | None, what: str) -> None:
        self.base_url = base_url
        self.token = token
        self.what = what
        self.streamer: Streamer | None = None
        """The stream that was started last."""
        self._resources = contextlib.ExitStack()
        self._is_warm = False
        self._is_closed = False

    @classmethod
    def owning(cls, server: ServerProcess | EmbeddedServer, what: str) -> "Lab":
        """Start a server; it ends with the lab."""
        with contextlib.ExitStack() as resources:
            resources.enter_context(server)
            lab = cls(server.base_url, server.token, what)
            lab._resources = resources.pop_all()
        atexit.register(lab.close)
        return lab

    def stream(self, video: str | Path, *, progress: bool = True, **options: Any) -> Recording:
        """Stream a video, a file or the name of a sample, and return the `Recording`.

        `options` are those of `StreamOptions`: `pipeline_id`, `fps`, `seconds`, `sessions`,
        `policy`, `drop_threshold`, `slowdown_threshold`, `waiting_frames`, `window_s`, `adaptive`,
        `every_frame`, `loop`, `width`, `quality`, `seed`. An interrupt ends the sessions cleanly
        and keeps what was recorded. Raises `OptionError`, `VideoError` or `ServerError`.
        """
        checked = StreamOptions.of({"pipeline_id": default_pipeline(video), **options})
        self.warm_up()
        return stream(self.base_url, self.token, video, checked, progress, self._about(checked))

    @contextlib.contextmanager
    def streaming(self, video: str | Path, *, progress: bool = True, **options: Any) -> Any:
        """Stream in the background while the block runs; yields the `Streamer`.

        Leaving the block stops the stream; `recording()` has what was recorded.
        """
        checked = StreamOptions.of({"pipeline_id": default_pipeline(video), **options})
        self.warm_up()
        with encoded(video, checked.width, checked.quality, progress) as spool:
            streamer = Streamer(self.base_url, self.token, video, checked, self._about(checked))
            self.streamer = streamer
            streamer.start(spool)
            try:
                yield streamer
            finally:
                streamer.stop()

    def apply(
        self, settings: Mapping[str, Any], session_ids: Sequence[str] | None = None
    ) -> list[dict[str, Any]]:
        """Change what live sessions decide by, from now on; return how they are then.

        `settings` has any of `drop_threshold`, `slowdown_threshold`, `waiting_frames` and
        `window_s`. Without `session_ids` those of this lab's running stream are meant. Raises
        `ServerError` if there are none, or the server refuses.
        """
        if session_ids is None:
            session_ids = self.streamer.session_ids if self.streamer else []
            if self.streamer is None or not self.streamer.is_running:
                session_ids = []
        if not session_ids:
            raise ServerError("no session of this lab is running; start one with lab.streaming()")
        return [
            ask(self.base_url, f"{SESSIONS_PATH}/{id_}", self.token, dict(settings))
            for id_ in session_ids
        ]

    def measure(
        self,
        video: str | Path,
        *,
        load_seconds: float = LOAD_S,
        progress: bool = True,
        **options: Any,
    ) -> "Trace":
        """Return a trace that knows what idle time and busy neighbours cost, to predict from.

        Streams the video four times: one session at the video's rate, which is the recording that
        is replayed; then, each for `load_seconds`, one at a rate over what a worker bears, and two
        for each worker at three quarters of what they bear, and over it. `options` are those of
        `stream` but for `sessions` and `policy`, which this chooses. The trace is replayed as
        `realtime` unless told otherwise. An interrupt ends it without a trace.
        """
        from .trace import Trace

        positive("load_seconds", load_seconds)
        for name in ("sessions", "policy"):
            if name in options:
                raise OptionError(name, options[name], "measure() chooses this itself")
        calm = self._measured(video, progress, {**options, "policy": "lossless"})
        workers = int(self.health()["workers"])
        capacity = float(calm.trace().capacity_fps())
        several = SESSIONS_A_WORKER * workers
        crowds = []
        for sessions, share in ((1, OVERLOAD), (several, BUSY), (several, OVERLOAD)):
            fps = share * capacity * min(workers, sessions) / sessions
            # a client of more frames would have to wait for itself
            fps = min(fps, MAX_CLIENT_FPS / sessions)
            load = {"fps": fps, "sessions": sessions, "loop": True, "seconds": load_seconds}
            crowds.append(self._measured(video, progress, {**options, **load}))
        trace = Trace.of(calm, *crowds)
        trace.settings = trace.settings.changed({"policy": "realtime"})
        return trace

    def _measured(self, video: str | Path, progress: bool, options: dict[str, Any]) -> Recording:
        recording = self.stream(video, progress=progress, **options)
        if recording.info.get("interrupted"):
            raise KeyboardInterrupt
        return recording

    def compare(
        self, video: str | Path, pipelines: Sequence[str], *, progress: bool = True, **options: Any
    ) -> "Comparison":
        """Stream the same frames through several pipelines and pair their answers.

        Each runs alone, one after the other, `lossless` unless `options` say otherwise.
        """
        from .comparison import compare

        return compare(self, video, pipelines, progress=progress, **options)

    def tune(self, trace: "Trace | Recording", **options: Any) -> "ThresholdPanel":
        """Show sliders over a replay of a trace; its button applies them to this lab's stream."""
        from .tuning import tune

        return tune(trace, lab=self, **options)

    def health(self) -> dict[str, Any]:
        """Return how the server is; raises `ServerError`."""
        health: dict[str, Any] = ask(self.base_url, HEALTH_PATH, self.token)
        return health

    def pipelines(self) -> list[str]:
        """Return the ids of the server's pipelines."""
        told = ask(self.base_url, PIPELINES_PATH, self.token)["pipelines"]
        return [pipeline["id"] for pipeline in told]

    def _about(self, options: StreamOptions) -> dict[str, Any]:
        return about_server(self.base_url, self.token, options.pipeline_id)

    def sessions(self) -> list[dict[str, Any]]:
        """Return the figures and ledgers of the server's live sessions."""
        sessions: list[dict[str, Any]] = ask(self.base_url, SESSIONS_PATH, self.token)["sessions"]
        return sessions

    def warm_up(self) -> None:
        """Wait until the server's workers have loaded their models; raises `ServerError`."""
        if self._is_closed:
            raise ServerError("this lab is closed; connect() gives another")
        if self._is_warm:
            return
        deadline = time.monotonic() + WARM_TIMEOUT_S
        if not self.health()["warm"]:
            self._wake()
        while not self.health()["warm"]:
            if time.monotonic() > deadline:
                raise ServerError(f"{self.base_url}: its workers did not get ready")
            time.sleep(POLL_S)
        self._is_warm = True

    def _wake(self) -> None:
        """Open a session for a moment: a server's workers start with its first."""
        from ..client.connection import connect as open_websocket

        async def touch() -> None:
            url = stream_url(self.base_url, pipeline_id="noop")
            (await open_websocket(url, self.token)).close()

        # a notebook's own event loop runs already
        loop = LoopThread("streamlab-wake")
        loop.start()
        try:
            loop.call(touch())
        finally:
            loop.stop()

    @property
    def is_closed(self) -> bool:
        """Whether the lab was closed; what it had started has ended then."""
        return self._is_closed

    def close(self) -> None:
        """End what `connect` started; calling it again does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        if self.streamer is not None:
            self.streamer.stop()
        atexit.unregister(self.close)
        self._resources.close()

    def __enter__(self) -> "Lab":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Lab: {self.what}, {self.base_url}{' (closed)' if self._is_closed else ''}>"

    def _repr_html_(self) -> str:
        from .html import lab_card

        return lab_card(self)
