"""Several sessions at once: connected first, then started on one clock."""

import asyncio
import random
import time
from collections.abc import Sequence

from streamlab.client.record import SessionRecord
from streamlab.client.session import Frames, StreamClient

HEADSTART_S = 0.05
"""From the last connect to the first frame that is due."""


def phases(sessions: int, fps: float, seed: int) -> list[float]:
    """Return when each session's first frame is due, in seconds: the first at once.

    The others begin anywhere within a frame's interval, as cameras do that know nothing of each
    other; where, the seed says.
    """
    drawn = random.Random(seed)
    return [0.0, *(drawn.uniform(0, 1 / fps) for _ in range(sessions - 1))]


async def stream_together(
    clients: Sequence[StreamClient],
    frames: Frames,
    loop_video: bool = False,
    seconds: float | None = None,
) -> list[SessionRecord]:
    """Stream all sessions and return their records, in order.

    Raises `ServerError` if the server cannot be reached. A session that the server ends does not
    end the others.
    """
    try:
        await asyncio.gather(*(client.open() for client in clients))
        origin = time.perf_counter() + HEADSTART_S
        running = [
            asyncio.ensure_future(client.run(frames, loop_video, seconds, origin))
            for client in clients
        ]
        try:
            return list(await asyncio.gather(*running))
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
    finally:
        for client in clients:
            await client.close()
