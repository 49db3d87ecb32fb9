"""`encoded`: encodes a video's frames before they are streamed, with a progress bar."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tqdm.auto import tqdm

from streamlab.client.spool import FrameSpool
from streamlab.media.samples import find_video

READY_FRAMES = 900
"""Number of frames encoded before the first is sent, so that encoding does not affect timings."""
REDRAW_S = 0.25
"""Interval at which progress bars are redrawn."""


@contextlib.contextmanager
def encoded(
    video: str | Path, width: int | None, quality: int, progress: bool = True
) -> Iterator[FrameSpool]:
    """Encode the first `READY_FRAMES` frames of a video and yield their spool.

    The spool encodes the others in the background. Raises `VideoError`.
    """
    with FrameSpool(find_video(video), quality, width=width) as spool:
        total = min(READY_FRAMES, spool.info.frames or READY_FRAMES)
        with tqdm(total=total, desc="encoding", unit=" frames", disable=not progress) as bar:
            while not spool.wait_for(min(spool.count + 30, READY_FRAMES), REDRAW_S) or (
                not spool.is_complete and spool.count < READY_FRAMES
            ):
                bar.update(min(spool.count, total) - bar.n)
            bar.update(min(spool.count, total) - bar.n)
        if spool.error is not None and not spool.count:
            raise spool.error
        yield spool
