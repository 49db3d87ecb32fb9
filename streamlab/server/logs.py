"""One log line for each connect, disconnect, warning and error of a session; none for a frame."""

import logging
import traceback
from typing import Any

from streamlab.errors import InternalError, PipelineFailureError, PolicyError, ProtocolError
from streamlab.server.log_lines import ESCAPED, escaped, indented, json_line
from streamlab.sessions.interfaces import SessionIdentity
from streamlab.sessions.manager import SessionManager
from streamlab.sessions.messages import Timing

SESSIONS_LOG = "streamlab.sessions"
log = logging.getLogger(SESSIONS_LOG)


class SessionLog:
    """Logs the events of sessions; a `SessionListener`.

    With `as_json`, each line is one JSON object: `event`, `session_id`, `pipeline_id`, and what
    belongs to the event, such as the ledger of a session that ended.
    """

    def __init__(self, as_json: bool = False) -> None:
        self._as_json = as_json
        self.with_reports = True
        """Whether an error in a tool or policy is logged with its traceback."""

    def opened(self, session: SessionManager) -> None:
        """Log a connect."""
        settings = session.settings
        self._write(
            logging.INFO,
            "connect",
            session,
            policy=settings.policy,
            **settings.tunable,
        )

    def closed(self, session: SessionManager) -> None:
        """Log a disconnect, with the ledger."""
        error = session.error.code if session.error else None
        self._write(
            logging.INFO, "disconnect", session, error=error, ledger=session.ledger.to_dict()
        )

    def refused(self, error: ProtocolError) -> None:
        """Log an error that kept a session from opening."""
        self._write_error(error, None)

    def frame_received(self, session: SessionIdentity, size: int) -> None:
        """Log nothing: that would be a line a frame."""

    def frame_dropped(self, session: SessionIdentity, cause: str) -> None:
        """Log nothing."""

    def frame_processed(self, session: SessionIdentity, timing: Timing) -> None:
        """Log nothing."""

    def state_changed(self, session: SessionIdentity, state: str, target_fps: float | None) -> None:
        """Log a change of state; a warning where the client was asked to slow down."""
        level = logging.INFO if target_fps is None else logging.WARNING
        event = "state" if target_fps is None else "slow_down"
        self._write(level, event, session, state=state, target_fps=target_fps)

    def failed(self, session: SessionIdentity, error: ProtocolError) -> None:
        """Log an error; with its traceback where it is a tool's or the server's own."""
        self._write_error(error, session)

    def _write_error(self, error: ProtocolError, session: SessionIdentity | None) -> None:
        cause = error.__cause__ if isinstance(error, InternalError) else None
        details = {"error": error.code, "detail": error.detail}
        report = ""
        if self.with_reports and isinstance(error, PipelineFailureError | PolicyError):
            report = error.report
        self._write(logging.ERROR, "error", session, exc_info=cause, report=report, **details)

    def _write(
        self,
        level: int,
        event: str,
        session: SessionIdentity | None,
        exc_info: BaseException | None = None,
        report: str = "",
        **details: Any,
    ) -> None:
        whose = {}
        if session is not None:
            whose = {"session_id": session.session_id, "pipeline_id": session.pipeline_id}
        details = {name: value for name, value in details.items() if value is not None}
        if self._as_json and exc_info is not None:
            details["traceback"] = "".join(traceback.format_exception(exc_info))
            exc_info = None
        if self._as_json and report:
            details["traceback"] = report
        if self._as_json:
            text = json_line({"event": event, **whose, **details})
        else:
            words = [f"{name}={value}" for name, value in (whose | details).items()]
            text = escaped(" ".join([event, *words])) + (indented(report) if report else "")
        log.log(level, "%s", text, exc_info=exc_info, extra=ESCAPED)
