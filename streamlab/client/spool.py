"""A video as JPEG frames, encoded once in the background and kept in a temporary file."""

import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from streamlab.errors import StreamlabError
from streamlab.media import frames, video


class FrameSpool:
    """The frames of a video as JPEGs, by index; a context manager.

    They are encoded ahead by one thread and shared by all sessions that stream the video, so that
    its length costs no memory and a client's encoder does not disturb what it measures. Raises
    `VideoError` for a video that cannot be read at all; what goes wrong later ends it where it is
    and stands in `error`.
    """

    def __init__(
        self,
        path: str | Path,
        quality: int = frames.JPEG_QUALITY,
        max_frames: int | None = None,
        width: int | None = None,
    ) -> None:
        self.info = video.probe(path)
        """The video as it is; `width` and `height` are those of the frames."""
        self._is_scaled = width is not None
        self.width = width or self.info.width
        self.height = max(1, round(self.info.height * self.width / self.info.width))
        self.error: StreamlabError | None = None
        self._path = Path(path)
        self._quality = quality
        self._max_frames = max_frames
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self._places: list[tuple[int, int]] = []
        self._grown = threading.Condition()
        self._is_complete = False
        self._is_cancelled = False
        self._thread = threading.Thread(target=self._encode, name="streamlab-spool", daemon=True)
        self._thread.start()

    @property
    def count(self) -> int:
        """Frames that are ready."""
        return len(self._places)

    @property
    def is_complete(self) -> bool:
        """Whether all frames are ready."""
        return self._is_complete

    def wait_for(self, count: int, timeout_s: float | None = None) -> bool:
        """Wait until `count` frames, or all there are, are ready; say whether they are."""
        with self._grown:
            return self._grown.wait_for(
                lambda: self._is_complete or len(self._places) >= count, timeout_s
            )

    def is_ready(self, index: int) -> bool:
        """Say whether `read` would return at once."""
        return self._is_complete or index < len(self._places)

    def read(self, index: int) -> bytes | None:
        """Return a frame, waiting for it if need be; None behind the end."""
        self.wait_for(index + 1)
        with self._grown:
            if index >= len(self._places):
                return None
            start, size = self._places[index]
            self._file.seek(start)
            return self._file.read(size)

    def _encode(self) -> None:
        end = 0
        try:
            for image in video.read_frames(self._path):
                frame = frames.encode(self._scaled(image), self._quality)
                with self._grown:
                    if self._is_cancelled:
                        return
                    self._file.seek(end)
                    self._file.write(frame)
                    self._places.append((end, len(frame)))
                    self._grown.notify_all()
                end += len(frame)
                if len(self._places) == self._max_frames:
                    break
        except StreamlabError as error:
            self.error = error
        finally:
            with self._grown:
                self._is_complete = True
                self._grown.notify_all()

    def _scaled(self, image: Any) -> Any:
        if not self._is_scaled or image.shape[:2] == (self.height, self.width):
            return image
        import cv2

        shrinks = self.width < image.shape[1]
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return cv2.resize(image, (self.width, self.height), interpolation=method)

    def __enter__(self) -> "FrameSpool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._grown:
            self._is_cancelled = True
        self._thread.join()
        self._file.close()
