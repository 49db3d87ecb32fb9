"""A real JupyterHub with its proxy, and two users whose servers have the extension."""

import contextlib
import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import psutil
from hosts import LoggedProcess

PREFIX = "/hub-prefix"
OWNER, OTHER, STOPPED = "alice", "bob", "carol"
"""Users: the servers of the first two run, that of the third does not."""
PROXY = "configurable-http-proxy"
ANSWER_S = 30
READY = "JupyterHub is now running"

CONFIG = """
import json, os, sys

told = json.loads(os.environ["HUB_UNDER_TEST"])
c = get_config()
c.JupyterHub.bind_url = f"http://127.0.0.1:{told['port']}{told['prefix']}/"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{told['hub_port']}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{told['proxy_api_port']}"
c.ConfigurableHTTPProxy.command = [told["proxy"]]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = told["password"]
c.Authenticator.allowed_users = set(told["users"])
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = told["folder"] + "/home/{username}"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser", "--allow-root"]
c.Spawner.args = [
    "--StreamlabApp.workers=1",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
]
c.Spawner.http_timeout = c.Spawner.start_timeout = 60
c.JupyterHub.services = [{"name": "tests", "api_token": told["token"]}]
c.JupyterHub.load_roles = [
    {"name": "tests", "scopes": ["admin:users", "admin:servers", "tokens", "shares"],
     "services": ["tests"]},
    {"name": "user", "scopes": ["self", "shares!user", "read:users:name"]},
]
"""


def proxy_command():
    """Return the path of the hub's proxy, None where there is none."""
    return os.environ.get("CONFIGURABLE_HTTP_PROXY") or shutil.which(
        PROXY, path=f"{Path(__file__).parent}/node_modules/.bin:{os.environ.get('PATH', '')}"
    )


def what_is_missing():
    """Return why there can be no hub here, None where there can."""
    if find_spec("jupyterhub") is None:
        return 'needs JupyterHub: pip install ".[hub]"'
    if proxy_command() is None:
        return f"needs {PROXY}: npm ci --omit=dev in tests/hub, or CONFIGURABLE_HTTP_PROXY"
    return None


class Hub(LoggedProcess):
    """A hub, its proxy and, once they are started, its users' servers."""

    def __init__(self, folder):
        port, hub_port, proxy_api_port = free_ports(3)
        self.password = secrets.token_urlsafe(16)
        self.url = f"http://127.0.0.1:{port}{PREFIX}"
        self._token = secrets.token_hex(32)
        config = Path(folder, "jupyterhub_config.py")
        config.write_text(CONFIG)
        told = {
            "folder": folder,
            "port": port,
            "hub_port": hub_port,
            "proxy_api_port": proxy_api_port,
            "prefix": PREFIX,
            "proxy": proxy_command(),
            "password": self.password,
            "token": self._token,
            "users": [OWNER, OTHER, STOPPED],
        }
        command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
        super().__init__(command, folder, {"HUB_UNDER_TEST": json.dumps(told)})

    def server_url(self, user):
        """Return the address of a user's server, as it is reached from outside."""
        return f"{self.url}/user/{user}"

    def api(self, method, path, data=None, token=None):
        """Ask the hub, as the tests' service or with a token; returns the status and its JSON."""
        return ask(method, f"{self.url}/hub/api{path}", token or self._token, data)

    def token_of(self, user, scopes=None):
        """Return a new API token of a user, with these scopes or all that the user has."""
        data = {"note": "tests"} | ({"scopes": scopes} if scopes else {})
        status, told = self.api("POST", f"/users/{user}/tokens", data)
        assert status == 201, told
        return told["token"]

    def start_server(self, user):
        """Start a user's server, and wait until it answers."""
        status, told = self.api("POST", f"/users/{user}/server")
        assert status in (201, 202), (told, self.log())
        self.wait_for(f"User {user} took")

    def stop_server(self, user):
        """Stop a user's server."""
        status, told = self.api("DELETE", f"/users/{user}/server")
        assert status in (202, 204), told

    def stop(self):
        """End the hub and all that it has started, if need be by force."""
        started = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        try:
            self.wait_until_all_ended()
        finally:
            for process in (self.process, *started):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()


def ask(method, url, token=None, data=None, headers=None):
    """Return the status and the JSON, or text, of an answer; 0 where there is none."""
    given = {"Authorization": f"token {token}"} if token else {}
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(url, body, given | (headers or {}), method=method)
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


def free_ports(count):
    """Return ports that are free; hub and proxy must know theirs before they listen."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextlib.contextmanager
def running_hub():
    """Run a hub with the servers of both users; when it is left, all of it has ended."""
    with tempfile.TemporaryDirectory() as folder:
        hub = Hub(folder)
        try:
            hub.wait_for(READY)
            for user in (OWNER, OTHER):
                hub.start_server(user)
            yield hub
        finally:
            hub.stop()
