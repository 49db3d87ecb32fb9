"""The interface of a worker: bytes in, plain data out, no shared memory assumed."""

from typing import Protocol

import msgspec

from streamlab.pipelines.detection_filter import DetectionFilter


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """A processed frame: `result` is JSON, times are in milliseconds, nodes go by their id.

    `threads` are the most that a network ran with, `spared_ms` is what that spared.
    """

    result: bytes
    decode_ms: float
    nodes_ms: dict[str, float]
    threads: int = 1
    spared_ms: float = 0.0


class Worker(Protocol):
    """Runs the frames of the sessions pinned to it, one at a time, and holds their state."""

    async def start(self, preload: list[bytes]) -> None:
        """Get ready; `preload` are definitions, as JSON, whose tools are loaded ahead."""

    async def open(self, session_id: str, definition: bytes) -> None:
        """Open a pipeline, given as the JSON of its definition, for a session.

        Raises `PipelineFailureError` when a tool cannot be loaded.
        """

    async def run(
        self,
        session_id: str,
        frame_index: int,
        frame: bytes,
        detection_filter: DetectionFilter,
        cores: int = 1,
    ) -> Answer:
        """Run one JPEG, on so many cores at most.

        The filter comes with each frame, so that a worker keeps no setting that can change.

        Raises `InvalidFrameError`, `PipelineFailureError`, or `WorkerDiedError` when the worker
        ended with the frame in its hands; it is then replaced, and the session can go on.
        """

    async def close(self, session_id: str) -> None:
        """Forget a session; unknown ids are ignored."""

    async def stop(self) -> None:
        """End, at once."""
