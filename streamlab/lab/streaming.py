"""`Streamer` and `stream`: stream a video to a server and record every frame's outcome."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from tqdm.auto import tqdm

from streamlab.client.connection import stream_url
from streamlab.client.options import MAX_FPS, StreamOptions, backpressure_of
from streamlab.client.record import FrameRow, SessionRecord
from streamlab.client.session import StreamClient
from streamlab.client.spool import FrameSpool
from streamlab.client.together import phases, stream_together
from streamlab.errors import (
    OptionError,
    ServerError,
    StreamlabError,
    ToolFailedError,
)
from streamlab.lab.encoding import REDRAW_S, encoded
from streamlab.lab.nothing_found import advice_after_stream
from streamlab.lab.recording import Recording
from streamlab.recording.assemble import assemble
from streamlab.server.failures import CODES_WITH_REPORT, FailureReports
from streamlab.settings import Settings
from streamlab.version import __version__

STOP_S = 5.0
"""Time for outstanding answers after a stop."""
REPORT_S = 2.0
"""Timeout for a server's report of a failure after its client was notified."""


def notice(text: str) -> None:
    """Write a notice for the user to standard error."""
    sys.stderr.write(f"streamlab: {text}\n")
    sys.stderr.flush()


class Streamer:
    """Streams the sessions of one recording, on an event loop in a thread of its own."""

    def __init__(
        self,
        base_url: str,
        token: str | None,
        video: str | Path,
        options: StreamOptions,
        about_server: dict[str, Any] | None = None,
        on_answer: Callable[[FrameRow], None] | None = None,
        failures: FailureReports | None = None,
    ) -> None:
        self.on_answer = on_answer
        """Called with each answer, in the stream's thread."""
        self._base_url = base_url
        self._token = token
        self._video = str(video)
        self.options = options
        self._about = about_server or {}
        self._failures = failures
        self._answers = 0
        self._loop = asyncio.new_event_loop()
        self._clients: list[StreamClient] = []
        self._done = threading.Event()
        self._failure: BaseException | None = None
        self._is_interrupted = False
        self._thread: threading.Thread | None = None
        self._info: dict[str, Any] = {}

    @property
    def records(self) -> list[SessionRecord]:
        """The clients' records of the sessions so far."""
        return [client.record for client in self._clients]

    @property
    def session_ids(self) -> list[str]:
        """The ids of the sessions that the server has accepted."""
        return [id_ for record in self.records if (id_ := record.session_id)]

    @property
    def is_running(self) -> bool:
        """Whether frames are being sent or answers are outstanding."""
        return self._thread is not None and not self._done.is_set()

    def start(self, spool: FrameSpool) -> None:
        """Start streaming in the background; the spool must stay open until the end."""
        options = self.options
        fps = options.fps or spool.info.fps
        if fps > MAX_FPS:
            raise OptionError("fps", fps, f"the video's own rate is over {MAX_FPS:g}; give another")
        self._info = self._describe(spool, fps)
        url = stream_url(self._base_url, **options.query())
        self._clients = [
            StreamClient(
                url,
                options.pipeline_id,
                fps,
                self._token,
                self._answered,
                adaptive=options.adaptive,
                video_fps=None if options.every_frame else spool.info.fps,
                phase_s=phase_s,
            )
            for phase_s in phases(options.sessions, fps, options.seed)
        ]
        self._thread = threading.Thread(
            target=self._run, args=(spool,), name="streamlab-stream", daemon=True
        )
        self._thread.start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the stream has ended and return whether it has."""
        return self._done.wait(timeout_s)

    def stop(self) -> None:
        """Stop sending and wait for outstanding answers, `STOP_S` at most."""
        if not self.is_running:
            return
        # the stream may end meanwhile and close its loop
        with contextlib.suppress(RuntimeError):
            for client in self._clients:
                self._loop.call_soon_threadsafe(client.stop)
            if not self._done.wait(STOP_S):
                self._loop.call_soon_threadsafe(self._cancel)
        self._done.wait(STOP_S)

    def interrupt(self) -> None:
        """Stop early; the recording is marked as interrupted."""
        self._is_interrupted = True
        self.stop()

    def note_settings(self, session_id: str, settings: Mapping[str, Any]) -> None:
        """Record a change of a session's settings now; unknown ids are ignored."""
        texts = {name: msgspec.json.encode(value).decode() for name, value in settings.items()}
        detail = ", ".join(f"{name}={text}" for name, text in texts.items())
        for client in self._clients:
            if client.record.session_id == session_id:
                client.note_setting(detail)

    def recording(self) -> Recording:
        """Return the recording; raises `ServerError` if no frame was answered."""
        records = self.records
        answered = any(
            row.fate in ("processed", "dropped") for record in records for row in record.rows
        )
        if not answered and not self._is_interrupted:
            if isinstance(self._failure, StreamlabError):
                raise self._failure
            for record in records:
                if record.error:
                    report = self._report(record.error)
                    cause = ToolFailedError(report) if report else None
                    raise ServerError(f"the session ended with {record.error}") from cause
        if self._failure is not None and not isinstance(self._failure, StreamlabError):
            raise self._failure
        if self._is_interrupted:
            self._info["interrupted"] = True
        return assemble(records, self._info, Recording)

    def show_failures(self) -> None:
        """Show the errors that ended sessions early, with the traceback of a failed tool."""
        shown = set()
        for number, record in enumerate(self.records):
            if not record.error:
                continue
            report = self._report(record.error)
            if report and report not in shown:
                shown.add(report)
                notice(f"session {number}: an error in a tool or policy\n{report.rstrip()}")
            notice(f"session {number}: {record.error}; what was recorded is kept")

    def _report(self, error: str) -> str:
        """Return the traceback of a tool or policy that failed in the lab's own server, else ""."""
        if self._failures is None or not error.startswith(CODES_WITH_REPORT):
            return ""
        return self._failures.find(error, REPORT_S)

    def _run(self, spool: FrameSpool) -> None:
        asyncio.set_event_loop(self._loop)
        options = self.options
        self._task = self._loop.create_task(
            stream_together(self._clients, spool, options.loop, options.seconds)
        )
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - raised by `recording`
            self._failure = error
        finally:
            self._loop.close()
            self._done.set()

    def _cancel(self) -> None:
        self._task.cancel()

    def _answered(self, row: FrameRow) -> None:
        self._answers += 1
        if self.on_answer is not None:
            self.on_answer(row)

    @property
    def answers(self) -> int:
        """Number of answered frames."""
        return self._answers

    def frames_to_send(self, spool: FrameSpool) -> int | None:
        """Return the total number of frames to be sent, None if unknown."""
        options = self.options
        fps = options.fps or spool.info.fps
        counts = []
        if options.seconds is not None:
            counts.append(int(options.seconds * fps))
        frames = spool.count if spool.is_complete else spool.info.frames
        if frames is not None and not options.loop:
            counts.append(frames if options.every_frame else int(frames * fps / spool.info.fps))
        return min(counts) * options.sessions if counts else None

    def _describe(self, spool: FrameSpool, fps: float) -> dict[str, Any]:
        server = self._about.get("backpressure") or asdict(Settings().backpressure)
        chosen = {name: value for name, value in asdict(self.options).items() if value is not None}
        return {
            "source": "live",
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "streamlab": __version__,
            "video": self._video,
            "video_fps": spool.info.fps,
            "video_width": spool.info.width,
            "video_height": spool.info.height,
            "video_frames": spool.count if spool.is_complete else spool.info.frames,
            **asdict(backpressure_of(server)),
            **chosen,
            "fps": fps,
            "width": spool.width,
            "height": spool.height,
            "workers": self._about.get("workers"),
            "cores": self._about.get("cores"),
            "device": self._about.get("device"),
            "deferring": self._about.get("deferring", []),
        }


def stream(
    base_url: str,
    token: str | None,
    video: str | Path,
    options: StreamOptions,
    progress: bool = True,
    about_server: dict[str, Any] | None = None,
    failures: FailureReports | None = None,
) -> Recording:
    """Stream a video (a file, or a sample's name) and return the recording.

    An interrupt ends the sessions cleanly and returns the recording so far. Raises `VideoError` or
    `ServerError` if nothing was recorded.
    """
    with encoded(video, options.width, options.quality, progress) as spool:
        streamer = Streamer(base_url, token, video, options, about_server, failures=failures)
        streamer.start(spool)
        total = streamer.frames_to_send(spool)
        bar = tqdm(total=total, desc="streaming", unit=" frames", disable=not progress)
        try:
            while not streamer.wait(REDRAW_S):
                bar.update(streamer.answers - bar.n)
        except KeyboardInterrupt:
            streamer.interrupt()
            notice("interrupted; what was recorded is kept")
        finally:
            streamer.stop()
            bar.update(streamer.answers - bar.n)
            bar.close()
        recording = streamer.recording()
        if spool.error is not None:
            recording.info["video_error"] = str(spool.error)
            notice(f"{spool.error}; what was recorded is kept")
    streamer.show_failures()
    how = 'pipeline_id="{}"'
    if hint := advice_after_stream(streamer.records, video, options, base_url, token, how):
        notice(hint)
    return recording
