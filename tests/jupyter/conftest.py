"""Jupyter servers with the extension as its installation enables it, and with authentication."""

from pathlib import Path

import jupyter_core.paths
import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403 - fixtures, for this folder alone
from tornado.httpclient import HTTPClientError


@pytest.fixture  # type: ignore[no-redef]
def jp_env_config_path():
    """The environment's own configuration, where the wheel has put its file."""
    return Path(jupyter_core.paths.ENV_CONFIG_PATH[0])


@pytest.fixture  # type: ignore[no-redef]
def jp_server_config():
    return {
        "ServerApp": {"allow_unauthenticated_access": False},
        "StreamlabApp": {"workers": 1},
    }


@pytest.fixture
def status_of(jp_fetch, jp_ws_fetch):
    """Return the HTTP status with which the server answers a GET, or refuses a WebSocket."""

    async def status_of(path, **arguments):
        fetch = jp_ws_fetch if path.startswith("ws/") else jp_fetch
        try:
            answer = await fetch(path, **arguments)
        except HTTPClientError as error:
            return error.code
        if fetch is jp_fetch:
            return answer.code
        answer.close()
        return 101

    return status_of
