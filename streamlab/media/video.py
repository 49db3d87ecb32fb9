"""Reading and writing video files, with PyAV (FFmpeg's libraries)."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

from streamlab.errors import VideoError
from streamlab.media.truncation import TruncationCheck

MIN_SIDE = 2
"""Smallest side of an H.264 video, pixels."""


@dataclass(frozen=True)
class VideoInfo:
    """Size and rate of a video file; `frames` is None if the container does not state it."""

    width: int
    height: int
    fps: float
    frames: int | None


def probe(path: str | Path) -> VideoInfo:
    """Read a video's size, rotation applied, and its rate; raises `VideoError`."""
    import av

    with _opened(path) as container:
        stream = container.streams.video[0]
        width, height = stream.width, stream.height
        info = VideoInfo(width, height, _fps(stream), stream.frames or None)
        try:
            first = next(container.decode(stream), None)
        except av.FFmpegError:
            return info
        if first is not None and first.rotation % 180:
            return replace(info, width=height, height=width)
        return info


def read_frames(path: str | Path) -> Iterator[Any]:
    """Yield a video's frames as HxWx3 uint8 arrays in BGR order, rotation applied.

    Raises `VideoError` at once for a file that is missing, empty or no video, and after the last
    readable frame for one that is truncated or damaged.
    """
    import av

    with _opened(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        check = TruncationCheck(path, container, stream)
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError as error:
                problem = f"damaged after {check.frames} frames: {error.strerror}"
                raise VideoError(path, problem) from None
            if packet is None:
                break
            check.add_packet(packet)
            try:
                frames = packet.decode()
            except av.FFmpegError:
                check.add_decode_error()
                continue
            for frame in frames:
                check.add_frame(frame)
                yield _upright(frame)
        if missing := check.problem():
            raise VideoError(path, missing)


def refuse_overwriting(inputs: Iterable[str | Path], outputs: Iterable[str | Path]) -> None:
    """Raise `VideoError` if an output is one of the inputs, or two outputs are the same file."""
    taken = [(Path(path), "read from") for path in inputs]
    for output in map(Path, outputs):
        for path, use in taken:
            if _is_same_file(output, path):
                raise VideoError(output, f"cannot be written: the same file is {use}")
        taken.append((output, "written already"))


def _is_same_file(one: Path, other: Path) -> bool:
    try:
        if one.resolve() == other.resolve():
            return True
        return one.samefile(other)
    except (OSError, RuntimeError):  # one of them is not there, or links to itself
        return False


def _opened(path: str | Path) -> Any:
    import av

    # a Path normalises the slashes of an address, so errors name the value as given
    given, path = path, Path(path)
    try:
        size = path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        raise VideoError(given, "no such file") from None
    except (OSError, ValueError) as error:
        raise VideoError(given, f"cannot be read: {_reason(error)}") from None
    if path.is_dir():
        raise VideoError(given, "a folder, not a video")
    if not size:
        raise VideoError(given, "the file is empty")
    try:
        container = av.open(_address(path))
    except (av.FFmpegError, OSError) as error:
        raise VideoError(given, f"not a readable video: {_reason(error)}") from None
    if not container.streams.video:
        container.close()
        raise VideoError(given, "it has no video stream")
    return container


def _address(path: Path) -> str:
    """Return a path as an FFmpeg URL: it would take "cam1" of "cam1:front.mp4" as a protocol."""
    return f"file:{path.absolute()}"


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error)


def _upright(frame: Any) -> Any:
    import numpy as np

    image = frame.to_ndarray(format="bgr24")
    quarters = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarters)) if quarters else image


def _fps(stream: Any) -> float:
    rate = stream.average_rate or stream.guessed_rate
    return float(rate) if rate else 30.0


class VideoWriter:
    """Writes an H.264 MP4 that browsers play; the size is that of the first frame.

    >>> with VideoWriter("out.mp4", fps=30) as writer:
    ...     writer.write(image)
    """

    def __init__(self, path: str | Path, fps: float) -> None:
        import av

        self.path = Path(path)
        self._given = path
        self._fps = Fraction(fps).limit_denominator(1001)
        self._stream: Any = None
        try:
            # a device or a pipe is not seekable, as an MP4 needs
            if self.path.exists() and not self.path.is_file():
                raise VideoError(path, "cannot be written: it is no regular file")
            self.path.open("wb").close()
            self._container = av.open(
                _address(self.path), "w", format="mp4", options={"movflags": "faststart"}
            )
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._not_written(error) from None

    def write(self, image: Any) -> None:
        """Append a frame, HxWx3 uint8 BGR. H.264 needs even sizes: odd ones are cropped by one.

        Raises `VideoError` for a frame that is too small, and where it cannot be written.
        """
        import av

        height, width = (side - side % 2 for side in image.shape[:2])
        if min(height, width) < MIN_SIDE:
            size = f"{image.shape[1]}x{image.shape[0]}"
            raise VideoError(self.path, f"cannot be written: {size} is smaller than 2x2 pixels")
        try:
            if self._stream is None:
                self._stream = self._container.add_stream("libx264", rate=self._fps)
                self._stream.width, self._stream.height = width, height
                self._stream.pix_fmt = "yuv420p"
                self._stream.options = {"crf": "21", "preset": "veryfast"}
            frame = av.VideoFrame.from_ndarray(image[:height, :width], format="bgr24")
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
        except (av.FFmpegError, OSError) as error:
            raise self._not_written(error) from None

    def close(self) -> None:
        """Finish the file; raises `VideoError` where it cannot be written."""
        import av

        try:
            try:
                if self._stream is not None:
                    for packet in self._stream.encode():
                        self._container.mux(packet)
            finally:
                self._container.close()
        except (av.FFmpegError, OSError) as error:
            raise self._not_written(error) from None

    def _not_written(self, error: BaseException) -> VideoError:
        return VideoError(self._given, f"cannot be written: {_reason(error)}")

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # the error that ended the block is raised, not one that follows from it
        with contextlib.suppress(VideoError) if error else contextlib.nullcontext():
            self.close()
