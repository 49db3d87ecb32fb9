"""A kernel of a Jupyter server, spoken to as a notebook does."""

import json
import re

from jupyter_client.blocking.client import BlockingKernelClient

START_S = 60
CELL_S = 120
COLOUR = re.compile(r"\x1b\[[\d;]*m")


class Kernel:
    """A kernel that a running Jupyter server starts; a context manager."""

    def __init__(self, server, client, folder):
        self._client = client
        self._runtime = server.folder / "runtime"
        self._folder = folder
        self._id = ""
        self._kernel = None

    def run(self, code):
        """Run a cell; returns the traceback of its error, "" where there is none."""
        told = []

        def keep(message):
            if message["msg_type"] == "error":
                told.extend(message["content"]["traceback"])

        self._kernel.execute_interactive(code, timeout=CELL_S, allow_stdin=False, output_hook=keep)
        return COLOUR.sub("", "\n".join(told))

    def __enter__(self):
        wanted = json.dumps({"name": "python3", "path": self._folder}).encode()
        answer = self._client.request("POST", "/api/kernels", content=wanted)
        assert answer.status_code == 201, answer.content
        self._id = answer.json()["id"]
        path = self._runtime / f"kernel-{self._id}.json"
        self._kernel = BlockingKernelClient(connection_file=str(path))
        self._kernel.load_connection_file()
        # a kernel whose heart is late on a busy machine is not taken for dead
        self._kernel.start_channels(hb=False)
        self._kernel.wait_for_ready(START_S)
        return self

    def __exit__(self, *error):
        self._kernel.stop_channels()
        self._client.request("DELETE", f"/api/kernels/{self._id}")
