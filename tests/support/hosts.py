"""A real Jupyter server with the extension, for tests that run under it."""

import collections
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import psutil

from streamlab.testing import TestClient

SERVER = (sys.executable, "-m", "jupyter_server")
READY = "streamlab streams at"
START_S = 60
STOP_S = 30
LAST_LINES = 500


class LoggedProcess:
    """A process in a group of its own, whose standard error is read as it comes."""

    def __init__(self, command, folder, environment, stdin=subprocess.DEVNULL):
        self.lines = collections.deque(maxlen=LAST_LINES)
        self._said = threading.Condition()
        self._all_ended = False
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=isolated(folder) | environment,
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for(self, text):
        """Wait until the process has said something."""
        with self._said:
            self._said.wait_for(lambda: self._all_ended or text in self.log(), START_S)
        assert text in self.log(), self.log()

    def wait_until_all_ended(self):
        """Wait until the process and every one that it started have let go of its stderr."""
        with self._said:
            assert self._said.wait_for(lambda: self._all_ended, STOP_S), self.log()
        return self.process.wait(STOP_S)

    def press_ctrl_c(self):
        """Interrupt the process and all that it started, as a terminal does."""
        os.killpg(self.process.pid, signal.SIGINT)

    def log(self):
        """Return what the process said last."""
        return "".join(self.lines)

    def _read(self):
        with self.process.stderr as lines:
            for line in lines:
                with self._said:
                    self.lines.append(line)
                    self._said.notify_all()
        with self._said:
            self._all_ended = True
            self._said.notify_all()


class JupyterProcess(LoggedProcess):
    """`jupyter server`, or another command, in a process and folders of its own.

    Its extensions are those that are installed here, enabled as their installation enables them.
    """

    def __init__(self, folder, command, base_url, options, environment, stdin):
        self.token = secrets.token_urlsafe(16)
        self.headers = {"Authorization": f"token {self.token}"}
        self._folder = folder
        super().__init__(
            [
                *command,
                *("--port=0", f"--ServerApp.base_url={base_url}", f"--ServerApp.root_dir={folder}"),
                *("--no-browser", "--allow-root", f"--IdentityProvider.token={self.token}"),
                *options,
            ],
            folder,
            environment,
            stdin,
        )

    def wait_until_ready(self):
        """Wait until the extension says that it answers."""
        self.wait_for(READY)
        return self

    @property
    def base_url(self):
        """What paths are appended to, as the server's runtime file tells it.

        Before Jupyter Server 2.20 the file has the port that was asked for: 0.
        """
        (info,) = Path(self._folder, "runtime").glob(f"jpserver-{self.process.pid}.json")
        server = json.loads(info.read_text())
        port = server["port"] or self._listening_port()
        return f"http://127.0.0.1:{port}{server['base_url'].rstrip('/')}"

    def _listening_port(self):
        connections = psutil.Process(self.process.pid).net_connections("tcp4")
        return next(each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN)

    @property
    def folder(self):
        """Where its notebooks and kernels are; `runtime` in it has the kernels' addresses."""
        return Path(self._folder)

    def client(self):
        """Return a client, to be entered with `with`."""
        return TestClient(base_url=self.base_url, headers=self.headers)


def isolated(folder):
    """Return an environment without this user's Jupyter configuration and `STREAM_*` settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STREAM_")}
    return kept | {
        "HOME": folder,
        "JUPYTER_RUNTIME_DIR": f"{folder}/runtime",
        "JUPYTER_CONFIG_DIR": f"{folder}/config",
        "JUPYTER_DATA_DIR": f"{folder}/data",
    }


@contextmanager
def jupyter_process(
    command=SERVER, base_url="/lab-bench/", workers=1, options=(), environment=None, stdin=None
):
    """Run a Jupyter server; when it is left, it has ended, if need be by force."""
    with tempfile.TemporaryDirectory() as folder:
        options = [f"--StreamlabApp.workers={workers}", *options]
        server = JupyterProcess(
            folder, command, base_url, options, environment or {}, stdin or subprocess.DEVNULL
        )
        try:
            yield server
        finally:
            server.process.terminate()
            try:
                server.wait_until_all_ended()
            finally:
                server.process.kill()


@contextmanager
def jupyter_host(**arguments):
    """Run a Jupyter server and yield a `TestClient` of it, authenticated by its token."""
    with jupyter_process(**arguments) as server, server.wait_until_ready().client() as client:
        yield client
