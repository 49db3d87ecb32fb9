"""Turns: the frames of the sessions that share a worker go to it one at a time, in fair order."""

import asyncio
import time
from collections import deque
from typing import Protocol

from streamlab.errors import InternalError, StreamlabError
from streamlab.pipelines.detection_filter import DetectionFilter
from streamlab.workers.cores import CoreShares
from streamlab.workers.worker import Answer, Worker


class Customer(Protocol):
    """A session that asks for turns, one at a time."""

    session_id: str
    detection_filter: DetectionFilter
    """Of the frame that it hands over next."""

    def take_frame(self) -> tuple[int, bytes] | None:
        """Hand over the frame whose turn it is now, or None if there is none any more."""

    def frame_done(self, answer: Answer) -> None:
        """Take the answer for the frame handed over last."""

    def frame_failed(self, error: StreamlabError) -> None:
        """Take the error for the frame handed over last."""


class Turns:
    """Serves the sessions of one worker in the order in which they asked.

    A session asks again only after its turn, which makes that order a round robin. Which frame it
    sends is decided when its turn comes, not when it asks, so that no work goes into an old one.
    """

    def __init__(self, worker: Worker, shares: CoreShares, number: int = 0) -> None:
        self.worker = worker
        self.number = number
        self._shares = shares
        self.sessions = 0
        self._asking: deque[Customer] = deque()
        self._running: asyncio.Task[None] | None = None

    def ask(self, customer: Customer) -> None:
        """Ask for a turn; it may come before this returns."""
        self._asking.append(customer)
        self._next()

    def _next(self) -> None:
        while self._running is None and self._asking:
            customer = self._asking.popleft()
            taken = customer.take_frame()
            if taken is not None:
                self._running = asyncio.ensure_future(
                    self._run(customer, *taken, customer.detection_filter)
                )

    async def _run(
        self, customer: Customer, frame_index: int, frame: bytes, detection_filter: DetectionFilter
    ) -> None:
        session_id = customer.session_id
        cores = self._shares.begin(session_id, time.monotonic())
        try:
            answer = await self.worker.run(session_id, frame_index, frame, detection_filter, cores)
        except StreamlabError as error:
            self._release(session_id)
            customer.frame_failed(error)
        except Exception as error:  # noqa: BLE001 - the session is told, and logs it
            self._release(session_id)
            customer.frame_failed(InternalError.because_of(error))
        else:
            # the next frame is under way to the worker before this one's answer is written
            self._release(session_id)
            customer.frame_done(answer)

    def _release(self, session_id: str) -> None:
        self._shares.end(session_id, time.monotonic())
        self._running = None
        self._next()
