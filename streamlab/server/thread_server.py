"""A standalone server in a thread of this process, for tools that only this process knows."""

from types import TracebackType

from streamlab.event_loop_thread import LoopThread
from streamlab.server.app import StandaloneServer
from streamlab.server.origins import ANY
from streamlab.server.service import StreamService


class EmbeddedServer:
    """A `StreamService` on a free port of this machine; a context manager that ends it.

    Client and server then share one interpreter, and each is felt in the other's figures. With a
    token, the pages of other origins may use it, such as a notebook's.
    """

    def __init__(self, service: StreamService, token: str | None = None) -> None:
        self.token = token
        self.base_url = ""
        self.failures = service.keep_failures()
        """What the tools of its pipelines failed with."""
        self._loop = LoopThread("streamlab-server")
        origins = () if token is None else (ANY,)
        self._server = StandaloneServer(service, port=0, token=token, allow_origins=origins)

    def __enter__(self) -> "EmbeddedServer":
        self._loop.start()
        self._loop.call(self._server.__aenter__())
        self.base_url = self._server.base_url
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call(self._server.__aexit__(None, None, None))
        self._loop.stop()
