"""The scheduler of one worker: dispatches its sessions' frames one at a time, round robin."""

import asyncio
import time
from collections import deque
from typing import Protocol

from streamlab.errors import InternalError, StreamlabError
from streamlab.pipelines.detection_filter import DetectionFilter
from streamlab.workers.cores import CoreShares
from streamlab.workers.worker import Answer, Worker


class Client(Protocol):
    """A session that queues for its worker, once at a time."""

    session_id: str
    detection_filter: DetectionFilter
    """Of the frame that it hands over next."""

    def take_frame(self) -> tuple[int, bytes] | None:
        """Return the index and bytes of the frame to run now, None if none is left."""

    def frame_done(self, answer: Answer) -> None:
        """Take the answer of the frame that was taken last."""

    def frame_failed(self, error: StreamlabError) -> None:
        """Take the error of the frame that was taken last."""


class Scheduler:
    """Dispatches the frames of one worker's sessions, first come, first served.

    A session queues again only after its frame, which makes that order a round robin. Which frame
    it sends is decided at dispatch, not when it queues, so that no work goes into an old one.
    """

    def __init__(self, worker: Worker, shares: CoreShares, number: int = 0) -> None:
        self.worker = worker
        self.number = number
        self._shares = shares
        self.sessions = 0
        self._queue: deque[Client] = deque()
        self._running: asyncio.Task[None] | None = None

    def enqueue(self, client: Client) -> None:
        """Queue a session; its frame may be taken before this returns."""
        self._queue.append(client)
        self._dispatch()

    def _dispatch(self) -> None:
        while self._running is None and self._queue:
            client = self._queue.popleft()
            taken = client.take_frame()
            if taken is not None:
                self._running = asyncio.ensure_future(
                    self._run(client, *taken, client.detection_filter)
                )

    async def _run(
        self, client: Client, frame_index: int, frame: bytes, detection_filter: DetectionFilter
    ) -> None:
        session_id = client.session_id
        cores = self._shares.begin(session_id, time.monotonic())
        try:
            answer = await self.worker.run(session_id, frame_index, frame, detection_filter, cores)
        except StreamlabError as error:
            self._release(session_id)
            client.frame_failed(error)
        except Exception as error:  # noqa: BLE001 - the session reports it, and logs it
            self._release(session_id)
            client.frame_failed(InternalError.because_of(error))
        else:
            # the next frame is dispatched before this one's answer is written
            self._release(session_id)
            client.frame_done(answer)

    def _release(self, session_id: str) -> None:
        self._shares.end(session_id, time.monotonic())
        self._running = None
        self._dispatch()
