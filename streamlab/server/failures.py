"""What tools and policies failed with, for the owner of the server that ran them."""

import threading
from collections import deque
from typing import NamedTuple

from streamlab.errors import PipelineFailureError, PolicyError

KEPT = 50
CODES_WITH_REPORT = (PipelineFailureError.code, PolicyError.code)
"""Codes of errors that come with a traceback of the owner's own code."""


class Failure(NamedTuple):
    """A pipeline failure: the detail for the client, and the traceback of the tool's own code."""

    detail: str
    report: str
    """Empty where the detail says all."""


class FailureReports:
    """The latest failures of a server's pipelines; filled and read from any thread.

    A client gets a failure's detail, which names the node and the line of the tool. The process
    that started the server finds the traceback by it.

    >>> failures = FailureReports()
    >>> failures.add("node 'n': KeyError: 'x' (line 3 of f())", "Traceback ...")
    >>> failures.find("pipeline_failure: node 'n': KeyError: 'x' (line 3 of f())")
    'Traceback ...'
    """

    def __init__(self) -> None:
        self._latest: deque[Failure] = deque(maxlen=KEPT)
        self._added = threading.Condition()

    def add(self, detail: str, report: str) -> None:
        """Keep a failure."""
        with self._added:
            self._latest.append(Failure(detail, report))
            self._added.notify_all()

    def find(self, error: str, timeout_s: float = 0.0) -> str:
        """Return the report of the latest failure whose detail is part of `error`; else "".

        A server in another process may notify its client before its owner: waits up to
        `timeout_s` for the failure.
        """
        with self._added:
            found = self._added.wait_for(lambda: self._find(error), timeout_s)
        return found.report if found else ""

    def _find(self, error: str) -> Failure | None:
        return next((each for each in reversed(self._latest) if each.detail in error), None)
