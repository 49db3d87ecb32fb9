"""A standalone server in a process of its own."""

import json
import re
import secrets
import subprocess
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from streamlab.client.http import ask
from streamlab.errors import ServerError
from streamlab.server.failures import CODES_WITH_REPORT, FailureReports
from streamlab.server.origins import ANY
from streamlab.server.routes import HEALTH_PATH
from streamlab.subprocess_env import module_command, module_environment

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0
POLL_S = 0.05


class ServerProcess:
    """`streamlab serve` on a free port, with a token; a context manager that ends it.

    Pages of other origins may use it, such as a notebook's, if they are given the token.

    >>> with ServerProcess() as server:
    ...     server.wait_until_warm()
    """

    def __init__(
        self, options: Sequence[str] = (), environment: dict[str, str] | None = None
    ) -> None:
        self.token = secrets.token_urlsafe(16)
        self.base_url = ""
        self.failures = FailureReports()
        """What the tools of its pipelines and its policies failed with."""
        self._options = [*options]
        self._environment = environment or {}
        self._process: subprocess.Popen[str] | None = None
        self._complaints: list[str] = []
        self._drains: threading.Thread | None = None

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> "ServerProcess":
        command = [*module_command("streamlab.cli"), "serve", "--port", "0", "--until-stdin-ends"]
        # its log is read here, for the reports of failures
        command.append("--log-json")
        self._process = subprocess.Popen(
            [*command, "--allow-origin", ANY, *self._options],
            # the server ends with its standard input, and so with this process, however that ends
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # not an option, which everybody on this machine could read
            env=module_environment()
            | {"PYTHONUNBUFFERED": "1", **self._environment, "STREAM_TOKEN": self.token},
            start_new_session=True,
        )
        threading.Thread(target=self._listen_to_complaints, daemon=True).start()
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := re.search(r"serves at (\S+)", line):
                self.base_url = found[1]
                break
        else:
            self._process.wait()
            self._close_pipes()
            raise ServerError(f"the server did not start: {self._complaint()}")
        self._drains = threading.Thread(target=self._drain, daemon=True)
        self._drains.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close_pipes()

    def get(self, path: str) -> Any:
        """Return the parsed JSON of a GET; raises `ServerError`."""
        return ask(self.base_url, path, self.token)

    def wait_until_warm(self) -> None:
        """Wait until the workers have loaded their models; raises `ServerError` if they don't."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.get(HEALTH_PATH)["warm"]:
            if time.monotonic() > deadline:
                raise ServerError(f"the workers did not get ready: {self._complaint()}")
            time.sleep(POLL_S)

    def _complaint(self) -> str:
        return self._complaints[-1] if self._complaints else "it said nothing"

    def _listen_to_complaints(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self._hear(line)

    def _hear(self, line: str) -> None:
        event = _event(line)
        kind = event.get("event")
        if kind == "error" and event.get("error") in CODES_WITH_REPORT:
            self.failures.add(str(event.get("detail")), str(event.get("traceback", "")))
        if kind in (None, "log"):
            words = str(event.get("message", line)).rstrip()
            self._complaints.append(words.removeprefix("streamlab: "))
            del self._complaints[:-20]

    def _close_pipes(self) -> None:
        """Close what is left open when the server has ended; its log's reader closes its own."""
        assert self._process is not None
        if self._drains is not None:
            self._drains.join(STOP_TIMEOUT_S)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def _drain(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for _ in self._process.stdout:
            pass


def _event(line: str) -> dict[str, Any]:
    """Parse a line of the server's log; what is none, such as a tool's own words, is no event."""
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}
