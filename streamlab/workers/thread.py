"""Workers in threads of this process, for tools that only this process knows."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from streamlab.pipelines.dag import DagPipelineService
from streamlab.pipelines.detection_filter import DetectionFilter
from streamlab.workers.host import SessionHost
from streamlab.workers.worker import Answer

T = TypeVar("T")


class ThreadWorker:
    """A worker that is one thread. A native crash in a tool takes the whole process down."""

    def __init__(self, dag: DagPipelineService) -> None:
        self._host = SessionHost(dag)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="streamlab-worker")

    async def start(self, preload: list[bytes]) -> None:
        """Load the tools of the `preload` definitions."""
        for definition in preload:
            await self._call(lambda definition=definition: self._host.preload(definition))  # type: ignore[misc]

    async def open(self, session_id: str, definition: bytes) -> None:
        """Open a pipeline for a session."""
        await self._call(lambda: self._host.open(session_id, definition))

    async def run(
        self,
        session_id: str,
        frame_index: int,
        frame: bytes,
        detection_filter: DetectionFilter,
        cores: int = 1,
    ) -> Answer:
        """Run one JPEG."""
        return await self._call(
            lambda: self._host.run(session_id, frame_index, frame, detection_filter, cores)
        )

    async def close(self, session_id: str) -> None:
        """Forget a session."""
        await self._call(lambda: self._host.close(session_id))

    async def stop(self) -> None:
        """Take no more frames; one that is running runs out."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _call(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)
