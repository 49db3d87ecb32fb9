"""`Lab`: a server, and what can be done with it from a notebook."""

import atexit
import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Unpack

import msgspec

from streamlab.client.connection import stream_url
from streamlab.client.http import ask
from streamlab.client.options import (
    VIDEO_OPTIONS,
    CompareOptionsDict,
    MeasureOptionsDict,
    StreamOptions,
    StreamOptionsDict,
    with_options,
)
from streamlab.errors import OptionError, ServerError
from streamlab.event_loop_thread import LoopThread
from streamlab.lab.encoding import encoded
from streamlab.lab.live_sessions import sessions_of
from streamlab.lab.recording import Recording
from streamlab.lab.server_info import about_server
from streamlab.lab.streaming import Streamer, stream
from streamlab.media.samples import default_pipeline
from streamlab.recording.session_table import SessionTable
from streamlab.replay.plan import REPLAY_OPTIONS, ReplayOptionsDict
from streamlab.server.failures import FailureReports
from streamlab.server.routes import HEALTH_PATH, PIPELINES_PATH, SESSIONS_PATH
from streamlab.server.subprocess import ServerProcess
from streamlab.server.thread_server import EmbeddedServer

if TYPE_CHECKING:
    from streamlab.lab.comparison import Comparison
    from streamlab.lab.tuning import ThresholdPanel
    from streamlab.replay.trace import Trace

WARM_TIMEOUT_S = 120.0
POLL_S = 0.05
LOAD_S = 8.0


class Lab:
    """A server to stream to, and what can be learned from it; a context manager.

    Made by `connect`. Leaving it ends a server that `connect` started, and no other. What fails at
    the server raises `ServerError`.

    >>> recording = lab.stream("gate_easy", fps=20)
    >>> recording.summary()
    >>> lab.pipelines()
    """

    def __init__(self, base_url: str, token: str | None, what: str) -> None:
        self.base_url = base_url
        self.token = token
        self.what = what
        self.streamer: Streamer | None = None
        """The stream that was started last."""
        self.failures: FailureReports | None = None
        """What tools failed with in a server of this lab's own; other servers have a log."""
        self._resources = contextlib.ExitStack()
        self._is_warm = False
        self._is_closed = False

    @classmethod
    def owning(cls, server: ServerProcess | EmbeddedServer, what: str) -> "Lab":
        """Start a server; it ends with the lab."""
        with contextlib.ExitStack() as resources:
            resources.enter_context(server)
            lab = cls(server.base_url, server.token, what)
            lab.failures = server.failures
            lab._resources = resources.pop_all()
        atexit.register(lab.close)
        return lab

    @with_options(VIDEO_OPTIONS.values())
    def stream(
        self, video: str | Path, *, progress: bool = True, **options: Unpack[StreamOptionsDict]
    ) -> Recording:
        """Stream a video, a file or the name of a sample, and return the `Recording`.

        `options` are those of `StreamOptions`, such as `fps`, `sessions`, `policy` or
        `drop_threshold`; `pipeline_id` is the sample's own, `yolo_ocr` for a file, unless given. An
        interrupt ends the sessions cleanly and keeps what was recorded. Raises `OptionError`,
        `VideoError` or `ServerError`.
        """
        checked = _checked_options(video, options)
        self.warm_up()
        about = self._about(checked)
        return stream(self.base_url, self.token, video, checked, progress, about, self.failures)

    @with_options(VIDEO_OPTIONS.values())
    @contextlib.contextmanager
    def streaming(
        self, video: str | Path, *, progress: bool = True, **options: Unpack[StreamOptionsDict]
    ) -> Iterator[Streamer]:
        """Stream in the background while the block runs; yields the `Streamer`.

        Leaving the block stops the stream; `recording()` has what was recorded.
        """
        checked = _checked_options(video, options)
        self.warm_up()
        with encoded(video, checked.width, checked.quality, progress) as spool:
            about = self._about(checked)
            streamer = Streamer(
                self.base_url, self.token, video, checked, about, failures=self.failures
            )
            self.streamer = streamer
            streamer.start(spool)
            try:
                yield streamer
            finally:
                streamer.stop()
                streamer.show_failures()

    def apply(
        self, settings: Mapping[str, Any], session_ids: Sequence[str] | None = None
    ) -> list[dict[str, Any]]:
        """Change the settings of live sessions, from now on; return how they are then.

        `settings` has any of `drop_threshold`, `slowdown_threshold`, `waiting_frames`, `window_s`
        and, where the pipeline detects, `min_score` and `labels` (None for all). Without
        `session_ids` those of this lab's running stream are meant, be it of `streaming` or of a
        `LiveView`; where none is of this lab, the only one of the server. The recording of
        `streaming` has the change among its events. Raises `ServerError` if there are none, or it
        is not clear which are meant, or the server refuses, and `OptionError`.
        """
        wanted = _plain_settings(settings)
        changed = []
        for id_ in sessions_of(self, session_ids):
            changed.append(ask(self.base_url, f"{SESSIONS_PATH}/{id_}", self.token, wanted))
            if self.streamer is not None:
                self.streamer.note_settings(id_, wanted)
        return changed

    @with_options(VIDEO_OPTIONS.values(), without=("sessions", "policy"))
    def measure(
        self,
        video: str | Path,
        *,
        load_seconds: float = LOAD_S,
        progress: bool = True,
        **options: Unpack[MeasureOptionsDict],
    ) -> "Trace[Recording]":
        """Return a trace that knows what idle time and busy neighbours cost, to predict from.

        Streams the video four times: one session at the video's rate, which is the recording that
        is replayed; then, each for `load_seconds`, one at a rate over what a worker bears, and two
        for each worker at three quarters of what they bear, and over it. `options` are those of
        `stream` but for `sessions` and `policy`, which this chooses. The trace is replayed as
        `realtime` unless given otherwise. An interrupt ends it without a trace.
        """
        from streamlab.lab.measuring import measure

        return measure(self, video, load_seconds, progress, dict(options))

    @with_options(VIDEO_OPTIONS.values(), without=("pipeline_id", "sessions"), policy="lossless")
    def compare(
        self,
        video: str | Path,
        pipelines: Sequence[str],
        *,
        progress: bool = True,
        **options: Unpack[CompareOptionsDict],
    ) -> "Comparison":
        """Stream the same frames through several pipelines and pair their answers.

        Each runs alone, one after the other, `lossless` unless `options`, those of `stream`, say
        otherwise. Raises `OptionError`, `VideoError` or `ServerError`.
        """
        from streamlab.lab.comparison import compare

        return compare(self, video, pipelines, progress=progress, **options)

    @with_options(REPLAY_OPTIONS.values())
    def tune(
        self, trace: "Trace[Recording] | Recording", **options: Unpack[ReplayOptionsDict]
    ) -> "ThresholdPanel":
        """Show sliders over a replay of a trace; its button applies them to this lab's stream.

        `options` are where the sliders start, names of `Trace.replay`. Raises `OptionError`, and
        `RecordingError` for a recording without a processed frame.
        """
        from streamlab.lab.tuning import tune

        return tune(trace, lab=self, **options)

    def health(self) -> dict[str, Any]:
        """Return how the server is: `status`, `version`, `warm`, `workers`, `sessions` and others.

        Raises `ServerError` if it does not answer.
        """
        health: dict[str, Any] = ask(self.base_url, HEALTH_PATH, self.token)
        return health

    def pipelines(self) -> list[str]:
        """Return the ids of the server's pipelines; raises `ServerError` if it does not answer."""
        pipelines = ask(self.base_url, PIPELINES_PATH, self.token)["pipelines"]
        return [pipeline["id"] for pipeline in pipelines]

    def _about(self, options: StreamOptions) -> dict[str, Any]:
        return about_server(self.base_url, self.token, options.pipeline_id, options.policy)

    def sessions(self) -> SessionTable:
        """Return the figures and ledgers of the server's live sessions, a dict each.

        Raises `ServerError` if it does not answer.
        """
        return SessionTable(ask(self.base_url, SESSIONS_PATH, self.token)["sessions"])

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
        from streamlab.client.connection import connect as open_websocket

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
        from streamlab.lab.lab_card import ShownLab, lab_card

        shown = ShownLab(
            self.what, self.base_url, self.token, self.is_closed, self.health, self.pipelines
        )
        return lab_card(shown)


def _checked_options(video: str | Path, given: Mapping[str, Any]) -> StreamOptions:
    pipeline_id = given.get("pipeline_id") or default_pipeline(video)
    return StreamOptions.of({**given, "pipeline_id": pipeline_id})


def _plain_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as a server is sent them; raises `OptionError`."""
    allowed = "a dict of settings, such as {'drop_threshold': 0.2}, is allowed"
    if not isinstance(settings, Mapping) or not settings:
        raise OptionError("settings", settings, allowed)
    # a sweep's table has NumPy's numbers
    plain = {str(n): v.item() if hasattr(v, "item") else v for n, v in settings.items()}
    try:
        msgspec.json.encode(plain)
    except TypeError as error:
        raise OptionError("settings", settings, f"{allowed}; {error}") from None
    return plain
