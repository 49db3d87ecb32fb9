"""A line between a page and a server that can fall silent, as networks do."""

import asyncio
import contextlib
from urllib.parse import urlsplit

from streamlab.event_loop_thread import LoopThread

CHUNK = 1 << 16


class Line:
    """Forwards connections to a server, until it is told to freeze those that there are."""

    def __init__(self, base_url):
        self._target = urlsplit(base_url)
        self._loop = LoopThread("line")
        self._open = set()
        self._frozen = set()
        self._server = None
        self.base_url = ""

    def freeze(self):
        """Pass nothing on any more on the connections of now; new ones are as good as ever."""
        self._loop.call(self._freeze())

    async def _freeze(self):
        self._frozen |= self._open

    async def _pass_on(self, connection, reader, writer):
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if connection in self._frozen:
                    await asyncio.Event().wait()
                writer.write(chunk)
                await writer.drain()
        writer.close()

    async def _accept(self, reader, writer):
        connection = object()
        self._open.add(connection)
        there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
        ways = ((reader, back), (there, writer))
        try:
            await asyncio.gather(*(self._pass_on(connection, *way) for way in ways))
        except asyncio.CancelledError:
            back.close()
            writer.close()
        finally:
            self._open.discard(connection)

    async def _begin(self):
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def _end(self):
        self._server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    def __enter__(self):
        self._loop.start()
        self.base_url = f"http://127.0.0.1:{self._loop.call(self._begin())}"
        return self

    def __exit__(self, *_):
        self._loop.call(self._end())
        self._loop.stop()
