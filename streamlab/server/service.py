"""`StreamService`: everything that the handlers of one server share, whichever host serves them."""

import asyncio
import contextlib
from dataclasses import asdict
from typing import Any, Protocol

import msgspec

from streamlab.backpressure.policies import REGISTRY, policy_names
from streamlab.errors import PipelineFailureError, PolicyError, ProtocolError
from streamlab.models.devices import choose_device
from streamlab.models.weights import find_weights
from streamlab.pipelines.graph import Plan
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.server.connections import TOPIC_SESSIONS, ConnectionManager
from streamlab.server.failures import FailureReports
from streamlab.server.logs import SessionLog
from streamlab.server.metrics import SessionMetrics
from streamlab.server.query import SessionQuery
from streamlab.sessions.interfaces import Connection, SessionIdentity, SessionListener
from streamlab.sessions.manager import SessionManager
from streamlab.sessions.messages import Timing
from streamlab.sessions.registry import SessionRegistry
from streamlab.settings import Settings
from streamlab.tools.tool import INTERNAL_VALUES, title_of
from streamlab.version import __version__
from streamlab.workers.pool import WorkerKind, WorkerPool, default_worker_count

PUBLISH_INTERVAL_S = 1.0
GOING_AWAY = 1001
CLOSE_S = 2.0
"""How long clients are given to answer a close when the server stops."""


class Listener(SessionListener, Protocol):
    """A listener that is also notified of sessions that open, close or are refused."""

    def opened(self, session: SessionManager) -> None: ...  # noqa: D102
    def closed(self, session: SessionManager) -> None: ...  # noqa: D102
    def refused(self, error: ProtocolError) -> None: ...  # noqa: D102


class ClientSocket(Protocol):
    """A client's connection, of whichever kind."""

    def close(self, code: int | None = None, reason: str | None = None) -> None: ...  # noqa: D102


class StreamService:
    """Settings, pipelines, workers, live sessions and observers of one server.

    Raises `ToolUnavailableError` for a device or weights that the settings name and that are not
    here.

    Create it anywhere; call `start` in the running event loop, and `stop` at the end. With
    `worker_kind="thread"` pipelines run in threads of this process, for tools defined in it.

    >>> service = StreamService(worker_kind="thread", workers=1)
    >>> service.health()["sessions"], "yolo_ocr" in service.pipelines
    (0, True)
    """

    def __init__(
        self,
        settings: Settings | None = None,
        pipelines: PipelineRegistry | None = None,
        worker_kind: WorkerKind = "process",
        workers: int | None = None,
        log_json: bool = False,
    ) -> None:
        self.settings = settings or Settings()
        self.settings.export()
        self.device = choose_device()
        find_weights(None)
        self.pipelines = pipelines or PipelineRegistry.load(self.settings.pipelines_dir)
        self.pool = WorkerPool.of_kind(worker_kind, self.pipelines, workers)
        self.sessions = SessionRegistry(self.settings.max_sessions)
        self.connections = ConnectionManager({TOPIC_SESSIONS: self.sessions.snapshot})
        self._log = SessionLog(log_json)
        self.listeners: list[Listener] = [SessionMetrics(), self._log]
        self._failures: FailureReports | None = None
        self._pinned: dict[str, Any] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._publishing: asyncio.Task[None] | None = None
        self._sockets: set[ClientSocket] = set()
        self._all_gone = asyncio.Event()

    def attach(self, socket: ClientSocket) -> None:
        """Register a connection."""
        self._sockets.add(socket)
        self._all_gone.clear()

    def detach(self, socket: ClientSocket) -> None:
        """Unregister a connection."""
        self._sockets.discard(socket)
        if not self._sockets:
            self._all_gone.set()

    def keep_failures(self) -> FailureReports:
        """Keep tracebacks of tools and policies for the server's owner, instead of logging them."""
        if self._failures is None:
            self._failures = FailureReports()
            self._log.with_reports = False
        return self._failures

    def start(self, with_workers: bool = True) -> None:
        """Begin to publish, and to start the workers unless the first session shall do that."""
        if self._publishing is None:
            self._publishing = asyncio.ensure_future(self._publish())
        if with_workers:
            self.pool.start()

    async def stop(self) -> None:
        """Close every connection with 1001, then end sessions and workers."""
        for session in self.sessions:
            session.close(notify=True)
        for socket in tuple(self._sockets):
            socket.close(GOING_AWAY, "the server is stopping")
        if self._sockets:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_gone.wait(), CLOSE_S)
        if self._publishing is not None:
            self._publishing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._publishing
            self._publishing = None
        for session in self.sessions:
            self.close_session(session)
        await self.pool.stop()

    def open_session(
        self, query: SessionQuery, connection: Connection, guest: str | None = None
    ) -> SessionManager:
        """Open a session, that of a `guest` where one is named.

        Raises `SessionLimitError`, or `PolicyError` if its policy cannot be made.
        """
        self.sessions.check_room()
        self.start()
        scheduler = self.pool.pin()
        try:
            session = SessionManager(
                session_id=self.sessions.next_id(),
                pipeline_id=query.pipeline_id,
                scheduler=scheduler,
                connection=connection,
                listener=self,
                settings=query.backpressure,
                max_frame_bytes=self.settings.max_frame_bytes,
                detail=query.detail,
                detection_filter=query.detection_filter,
                guest=guest,
            )
        except BaseException:
            # a policy that cannot be made keeps no worker
            self.pool.unpin(scheduler)
            raise
        self._pinned[session.session_id] = scheduler
        self.sessions.add(session)
        definition = msgspec.json.encode(self.pipelines[query.pipeline_id].definition)
        self._spawn(session.open(definition))
        try:
            for listener in self.listeners:
                listener.opened(session)
        except Exception:
            self.close_session(session)
            raise
        self.connections.publish(TOPIC_SESSIONS)
        return session

    def close_session(self, session: SessionManager) -> None:
        """The session's connection has ended; calling it again does nothing."""
        scheduler = self._pinned.pop(session.session_id, None)
        if scheduler is None:
            return
        session.close()
        self.pool.unpin(scheduler)
        self.sessions.remove(session)
        self._spawn(scheduler.worker.close(session.session_id))
        for listener in self.listeners:
            listener.closed(session)
        self.connections.publish(TOPIC_SESSIONS)

    def refused(self, error: ProtocolError) -> None:
        """Notify the listeners of a connection that was refused."""
        self._keep_failure(error)
        for listener in self.listeners:
            listener.refused(error)

    def health(self) -> dict[str, Any]:
        """Return how the server is: `status`, `warm` (its models are loaded), sessions, workers."""
        return {
            "status": "ok",
            "version": __version__,
            "warm": self.pool.is_warm,
            "workers": len(self.pool.workers),
            "sessions": len(self.sessions),
            "max_sessions": self.settings.max_sessions,
            "cores": default_worker_count(),
            "device": self.device,
            "backpressure": asdict(self.settings.backpressure),
            "policies": policy_names(),
        }

    def describe_pipelines(self) -> dict[str, Any]:
        """Return every pipeline, and one line for each definition, tool or policy with a problem.

        The first call looks into files of weights for what they find.
        """
        described = [
            {
                "id": plan.definition.id,
                "title": plan.definition.title,
                "nodes": _nodes(plan),
                "edges": [list(edge) for edge in plan.definition.edges],
                "tools": [node.tool.name for node in plan.nodes],
                "deferring": [node.id for node in plan.nodes if node.tool.defers_work],
                **msgspec.structs.asdict(plan.findings),
                "missing": plan.missing,
            }
            for plan in self.pipelines
        ]
        problems = [*map(str, self.pipelines.problems), *self.pipelines.tools.problems]
        problems += REGISTRY.problems
        return {"pipelines": described, "problems": problems}

    def frame_received(self, session: SessionIdentity, size: int) -> None:
        """Notify the listeners."""
        for listener in self.listeners:
            listener.frame_received(session, size)

    def frame_dropped(self, session: SessionIdentity, cause: str) -> None:
        """Notify the listeners."""
        for listener in self.listeners:
            listener.frame_dropped(session, cause)

    def frame_processed(self, session: SessionIdentity, timing: Timing) -> None:
        """Notify the listeners."""
        for listener in self.listeners:
            listener.frame_processed(session, timing)

    def state_changed(self, session: SessionIdentity, state: str, target_fps: float | None) -> None:
        """Notify the listeners."""
        for listener in self.listeners:
            listener.state_changed(session, state, target_fps)

    def failed(self, session: SessionIdentity, error: ProtocolError) -> None:
        """Notify the listeners."""
        self._keep_failure(error)
        for listener in self.listeners:
            listener.failed(session, error)

    def _keep_failure(self, error: ProtocolError) -> None:
        if self._failures is not None and isinstance(error, PipelineFailureError | PolicyError):
            self._failures.add(error.detail, error.report)

    async def _publish(self) -> None:
        while True:
            await asyncio.sleep(PUBLISH_INTERVAL_S)
            for session in self.sessions:
                session.observe()
            self.connections.publish(TOPIC_SESSIONS)

    def _spawn(self, coroutine: Any) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _nodes(plan: Plan) -> list[dict[str, Any]]:
    """Return the nodes in the order in which they run, with what is known of their tools."""
    stated = {node.id: node for node in plan.definition.nodes}
    return [
        {
            **msgspec.to_builtins(stated[node.id]),
            "tool_title": title_of(node.tool),
            "produces": sorted(node.tool.produces - INTERNAL_VALUES),
        }
        for node in plan.nodes
    ]
