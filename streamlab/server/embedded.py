"""A standalone server in a thread of this process, for tools that only this process knows."""

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, TypeVar

from .app import StandaloneServer
from .service import StreamService

T = TypeVar("T")

TIMEOUT_S = 60.0


class EmbeddedServer:
    """A `StreamService` on a free port of this machine; a context manager that ends it.

    Client and server then share one interpreter, and each is felt in the other's figures.
    """

    def __init__(self, service: StreamService, token: str | None = None) -> None:
        self.token = token
        self.base_url = ""
        self._service = service
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="streamlab-server", daemon=True
        )
        self._server = StandaloneServer(service, port=0, token=token)

    def __enter__(self) -> "EmbeddedServer":
        self._thread.start()
        self._call(self._server.__aenter__())
        self.base_url = self._server.base_url
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call(self._server.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(TIMEOUT_S)
