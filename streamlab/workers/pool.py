"""The workers of a server: started together, sessions spread evenly among them."""

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Literal

import msgspec

from streamlab.errors import StreamlabError
from streamlab.pipelines.dag import DagPipelineService
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.workers.cores import CoreShares
from streamlab.workers.process import ProcessWorker
from streamlab.workers.scheduler import Scheduler
from streamlab.workers.thread import ThreadWorker
from streamlab.workers.worker import Worker

log = logging.getLogger("streamlab.workers")

WorkerKind = Literal["process", "thread"]
WORKER_KINDS: tuple[WorkerKind, ...] = ("process", "thread")
PRELOADED = ("yolo_ocr",)
"""Pipelines whose tools are loaded before the first session opens."""


def default_worker_count() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class WorkerPool:
    """Pins each session to the worker with the fewest."""

    def __init__(self, make_worker: Callable[[], Worker], count: int, preload: list[bytes]) -> None:
        self._make_worker = make_worker
        self._count = count
        self._preload = preload
        self.shares = CoreShares(default_worker_count())
        """Of all its workers together."""
        self._schedulers: list[Scheduler] = []
        self._warming: asyncio.Task[None] | None = None
        self.is_warm = False

    @classmethod
    def of_kind(
        cls, kind: WorkerKind, pipelines: PipelineRegistry, count: int | None = None
    ) -> "WorkerPool":
        """Return a pool of `count` workers (default: one a core) of a kind."""
        preload = [
            msgspec.json.encode(pipelines[id_].definition) for id_ in PRELOADED if id_ in pipelines
        ]
        make_worker: Callable[[], Worker] = ProcessWorker
        if kind == "thread":
            dag = DagPipelineService(pipelines)
            make_worker = lambda: ThreadWorker(dag)  # noqa: E731 - the other branch is a class
        return cls(make_worker, count or default_worker_count(), preload)

    @property
    def workers(self) -> list[Worker]:
        """The workers that have been started."""
        return [scheduler.worker for scheduler in self._schedulers]

    def start(self) -> None:
        """Begin to start the workers, once; sessions may be pinned from now on."""
        if self._schedulers:
            return
        self._schedulers = [
            Scheduler(self._make_worker(), self.shares, number) for number in range(self._count)
        ]
        self._warming = asyncio.ensure_future(self._warm_up())

    async def warm(self) -> None:
        """Wait until every worker has loaded what is loaded ahead."""
        self.start()
        if self._warming is not None:
            await self._warming

    async def _warm_up(self) -> None:
        outcomes = await asyncio.gather(
            *(worker.start(self._preload) for worker in self.workers), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, StreamlabError | OSError):
                log.error("a worker could not be made ready: %s", outcome)
            elif isinstance(outcome, BaseException):
                raise outcome
        self.is_warm = True

    def pin(self) -> Scheduler:
        """Return the scheduler of the worker with the fewest sessions, this one now counted."""
        self.start()
        scheduler = min(self._schedulers, key=lambda scheduler: scheduler.sessions)
        scheduler.sessions += 1
        return scheduler

    def unpin(self, scheduler: Scheduler) -> None:
        """Count a session out."""
        scheduler.sessions -= 1

    async def stop(self) -> None:
        """End all workers."""
        if self._warming is not None:
            self._warming.cancel()
        schedulers, self._schedulers = self._schedulers, []
        await asyncio.gather(*(each.worker.stop() for each in schedulers))
