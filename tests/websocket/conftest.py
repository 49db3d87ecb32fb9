"""The hosts that the protocol is the same on."""

import pytest
from gate import Gate
from hosts import jupyter_host

from streamlab.testing import TestClient


@pytest.fixture(scope="module", params=["standalone", "jupyter"])
def client(request):
    """A client of a server with process workers, in each host."""
    host = jupyter_host if request.param == "jupyter" else standalone_host
    with host() as client:
        yield client


def standalone_host():
    return TestClient(
        worker_kind="process", token="a-token", headers={"Authorization": "Bearer a-token"}
    )


@pytest.fixture
def gate():
    """A tool that the test holds."""
    return Gate()


@pytest.fixture
def held(gate):
    """A client of a server whose pipeline `held` waits for the test."""
    with TestClient(pipelines=gate.pipelines) as client:
        yield client
        gate.let_through(1000)
