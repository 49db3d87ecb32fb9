"""Reading and writing video files, with PyAV (FFmpeg's libraries)."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

from .errors import VideoError

MISSING_FRAMES_ALLOWED = 2
"""Frames by which containers overstate their length without being truncated."""


@dataclass(frozen=True)
class VideoInfo:
    """What a video file says about itself; `frames` is None where it does not say."""

    width: int
    height: int
    fps: float
    frames: int | None


def probe(path: str | Path) -> VideoInfo:
    """Read a video's size and rate; raises `VideoError`."""
    with _opened(path) as container:
        stream = container.streams.video[0]
        return VideoInfo(stream.width, stream.height, _fps(stream), _frame_count(stream))


def read_frames(path: str | Path) -> Iterator[Any]:
    """Yield a video's frames as HxWx3 uint8 arrays in BGR order.

    Raises `VideoError` at once for a file that is missing, empty or no video, and at the end of
    what can be read for one that is truncated or broken.
    """
    import av

    with _opened(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        expected = _frame_count(stream)
        count = 0
        try:
            for frame in container.decode(stream):
                yield frame.to_ndarray(format="bgr24")
                count += 1
        except av.FFmpegError as error:
            raise VideoError(path, f"broken after {count} frames: {error.strerror}") from None
        if not count:
            raise VideoError(path, "it has no frames")
        if expected is not None and count < expected - MISSING_FRAMES_ALLOWED:
            raise VideoError(path, f"truncated: {count} of {expected} frames could be read")


def _opened(path: str | Path) -> Any:
    import av

    path = Path(path)
    if path.is_dir() or not path.exists():
        raise VideoError(path, "no such file" if not path.exists() else "a folder, not a video")
    if not path.stat().st_size:
        raise VideoError(path, "the file is empty")
    try:
        container = av.open(str(path))
    except (av.FFmpegError, OSError) as error:
        raise VideoError(path, f"not a readable video: {error.strerror or error}") from None
    if not container.streams.video:
        container.close()
        raise VideoError(path, "it has no video stream")
    return container


def _fps(stream: Any) -> float:
    rate = stream.average_rate or stream.guessed_rate
    return float(rate) if rate else 30.0


def _frame_count(stream: Any) -> int | None:
    return stream.frames or None


class VideoWriter:
    """Writes an H.264 MP4 that browsers play; the size is that of the first frame.

    >>> with VideoWriter("out.mp4", fps=30) as writer:  # doctest: +SKIP
    ...     writer.write(image)
    """

    def __init__(self, path: str | Path, fps: float) -> None:
        import av

        self.path = Path(path)
        self._fps = Fraction(fps).limit_denominator(1001)
        self._stream: Any = None
        try:
            self.path.open("wb").close()
            self._container = av.open(
                str(path), "w", format="mp4", options={"movflags": "faststart"}
            )
        except (av.FFmpegError, OSError) as error:
            raise VideoError(path, f"cannot be written: {error.strerror or error}") from None

    def write(self, image: Any) -> None:
        """Append a frame, HxWx3 uint8 BGR. H.264 asks for even sizes: odd ones are cut by one."""
        import av

        height, width = (side - side % 2 for side in image.shape[:2])
        if self._stream is None:
            self._stream = self._container.add_stream("libx264", rate=self._fps)
            self._stream.width, self._stream.height = width, height
            self._stream.pix_fmt = "yuv420p"
            self._stream.options = {"crf": "21", "preset": "veryfast"}
        image = image[:height, :width]
        for packet in self._stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")):
            self._container.mux(packet)

    def close(self) -> None:
        """Finish the file."""
        if self._stream is not None:
            for packet in self._stream.encode():
                self._container.mux(packet)
        self._container.close()

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
