"""Puts what streamlab logs into the log of the Jupyter server."""

import copy
import logging

from streamlab.server.log_lines import text_of
from streamlab.server.logs import SESSIONS_LOG

LIBRARY_LOG = "streamlab"


class _Forward(logging.Handler):
    """Hands records to a logger, whatever handlers that has by then."""

    def __init__(self, log: logging.Logger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record over, such that no line of it passes for another record."""
        written = copy.copy(record)
        written.msg, written.args = text_of(record), None
        written.exc_info = written.exc_text = None
        self._log.handle(written)


class ServerLog:
    """The library's log, led to a server's own for as long as the extension runs.

    With `as_json` the sessions' lines go to standard error as they are, one JSON object each,
    because a prefix would keep them from being parsed.
    """

    def __init__(self, server_log: logging.Logger, as_json: bool) -> None:
        self._attached: list[tuple[logging.Logger, logging.Handler]] = []
        self._as_json = as_json
        library = logging.getLogger(LIBRARY_LOG)
        self._level_before = library.level
        library.setLevel(logging.INFO)
        self._attach(library, _Forward(server_log))
        if as_json:
            self._attach(logging.getLogger(SESSIONS_LOG), logging.StreamHandler())
            logging.getLogger(SESSIONS_LOG).propagate = False

    def _attach(self, log: logging.Logger, handler: logging.Handler) -> None:
        log.addHandler(handler)
        self._attached.append((log, handler))

    def close(self) -> None:
        """Lead the log where it went before."""
        for log, handler in self._attached:
            log.removeHandler(handler)
        logging.getLogger(LIBRARY_LOG).setLevel(self._level_before)
        if self._as_json:
            logging.getLogger(SESSIONS_LOG).propagate = True
