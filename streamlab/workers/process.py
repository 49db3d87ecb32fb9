"""Workers in processes of their own: a crash in a tool costs one session, not the server."""

import asyncio
import contextlib
import logging
import os
import signal

import msgspec

from streamlab.errors import InvalidFrameError, PipelineFailureError, WorkerDiedError
from streamlab.pipelines.detection_filter import DetectionFilter
from streamlab.subprocess_env import module_command, module_environment
from streamlab.workers import wire
from streamlab.workers.worker import Answer

log = logging.getLogger("streamlab.workers")

FRAME_TIMEOUT_S = 60.0
"""A frame that takes longer hangs; its worker is ended, and its session fails."""
EXIT_S = 1.0
"""How long a worker that has closed its output is given to end by itself."""
EXIT_POLL_S = 0.25
"""How often a worker is looked after whose output a child of its may keep open."""
OPEN_TIMEOUT_S = 300.0
"""Loading a large model may take this long."""

# Each worker has one core's worth of work: libraries' own thread pools would only get in its way.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS"), "1")


Replies = dict[int, "asyncio.Future[wire.Done | wire.Refused | wire.Failed]"]
"""The replies that one process owes, by the numbers of the calls."""


class ProcessWorker:
    """A worker that is one process, replaced when it dies."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._replies: Replies = {}
        self._number = 0
        self._decoder = msgspec.msgpack.Decoder(wire.Reply)
        self._preload: list[bytes] = []
        self._sessions: dict[str, bytes] = {}
        self._starting = asyncio.Lock()
        self._stopped = False

    @property
    def pid(self) -> int | None:
        """The process, or None while there is none."""
        return self._process.pid if self._process else None

    async def start(self, preload: list[bytes]) -> None:
        """Start the process and load the tools of the `preload` definitions."""
        self._preload = preload
        await self._alive()

    async def open(self, session_id: str, definition: bytes) -> None:
        """Open a pipeline for a session."""
        await self._alive()
        try:
            await self._call(wire.Open(session_id, definition), OPEN_TIMEOUT_S)
        except WorkerDiedError:
            # it may have died of another session's frame; of this pipeline it dies again
            await self._alive()
            await self._call(wire.Open(session_id, definition), OPEN_TIMEOUT_S)
        self._sessions[session_id] = definition

    async def run(
        self,
        session_id: str,
        frame_index: int,
        frame: bytes,
        detection_filter: DetectionFilter,
        cores: int = 1,
    ) -> Answer:
        """Run one JPEG."""
        await self._alive()
        call = wire.Run(session_id, frame_index, frame, detection_filter, cores)
        outcome = await self._call(call, FRAME_TIMEOUT_S)
        assert outcome.answer is not None
        return outcome.answer

    async def close(self, session_id: str) -> None:
        """Forget a session."""
        if self._sessions.pop(session_id, None) is not None and self._process is not None:
            with contextlib.suppress(WorkerDiedError):
                await self._call(wire.Close(session_id), OPEN_TIMEOUT_S)

    async def stop(self) -> None:
        """End the process."""
        self._stopped = True
        await self._end()

    async def _alive(self) -> None:
        """Start the process if there is none, with every session that is pinned to it."""
        async with self._starting:
            if self._process is not None:
                return
            if self._stopped:
                raise WorkerDiedError("the worker was stopped")
            self._process = await asyncio.create_subprocess_exec(
                *module_command("streamlab.workers.child"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={**ONE_THREAD, **module_environment()},
                # out of reach of a terminal's Ctrl-C: the server decides when its workers end
                start_new_session=True,
            )
            self._replies = {}
            self._reader = asyncio.create_task(self._read_until_exit(self._process, self._replies))
            for definition in self._preload:
                await self._call_or_log(wire.Preload(definition))
            # sessions come and go meanwhile: those that come wait for the lock
            for session_id, definition in tuple(self._sessions.items()):
                if session_id in self._sessions:
                    await self._call_or_log(wire.Open(session_id, definition))

    async def _call_or_log(self, call: wire.Preload | wire.Open) -> None:
        """Call without a caller to report a failure to."""
        try:
            await self._call(call, OPEN_TIMEOUT_S)
        except PipelineFailureError as error:
            log.error("pipeline failure: %s", "\n".join(filter(None, (str(error), error.report))))

    async def _call(
        self, call: wire.Preload | wire.Open | wire.Run | wire.Close, timeout_s: float
    ) -> wire.Done:
        process, replies = self._process, self._replies
        if process is None or process.stdin is None:
            raise WorkerDiedError("the worker has ended")
        self._number += 1
        number = self._number
        reply = replies[number] = asyncio.get_running_loop().create_future()
        try:
            process.stdin.write(wire.pack(wire.Request(number, call)))
            outcome = await asyncio.wait_for(reply, timeout_s)
        except TimeoutError:
            log.error("a worker did not answer within %g s and is replaced", timeout_s)
            await self._end()
            raise WorkerDiedError(f"no answer within {timeout_s:g} s") from None
        except ConnectionError:
            await self._end()
            raise WorkerDiedError("the worker has ended") from None
        finally:
            replies.pop(number, None)
        if isinstance(outcome, wire.Refused):
            raise InvalidFrameError(outcome.detail)
        if isinstance(outcome, wire.Failed):
            raise PipelineFailureError(outcome.node, outcome.problem, outcome.report)
        assert isinstance(outcome, wire.Done)
        return outcome

    async def _read_until_exit(self, process: asyncio.subprocess.Process, replies: Replies) -> None:
        """Read replies until the process ends, even if a child of its keeps its output open."""
        reading = asyncio.create_task(self._read_replies(process, replies))
        while not reading.done():
            await asyncio.wait({reading}, timeout=EXIT_POLL_S)
            if process.returncode is not None and not reading.done():
                await asyncio.wait({reading}, timeout=EXIT_POLL_S)
                reading.cancel()
        # later calls start a new process
        is_current = self._process is process
        if is_current:
            self._process = None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), EXIT_S)
        _kill(process)
        code = await process.wait()
        if is_current and not self._stopped:
            log.error("a worker process ended with exit code %s and is replaced", code)
        # a child of the process may keep the pipes open; asyncio has no public way to let them go
        process._transport.close()  # type: ignore[attr-defined]
        for reply in replies.values():
            if not reply.done():
                reply.set_exception(WorkerDiedError(f"the worker process ended (exit code {code})"))

    async def _read_replies(self, process: asyncio.subprocess.Process, replies: Replies) -> None:
        stream = process.stdout
        assert stream is not None
        ends = (asyncio.IncompleteReadError, ConnectionError, msgspec.MsgspecError)
        with contextlib.suppress(*ends):
            while True:
                (length,) = wire.LENGTH.unpack(await stream.readexactly(wire.LENGTH.size))
                reply = self._decoder.decode(await stream.readexactly(length))
                future = replies.get(reply.number)
                if future is not None and not future.done():
                    future.set_result(reply.outcome)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        _kill(process)
        await process.wait()
        if self._reader is not None:
            await self._reader


def _kill(process: asyncio.subprocess.Process) -> None:
    # Process.kill would reap a process that has just ended, and asyncio warn that it is gone
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
