"""`Clip`: the frames of a recorded video for a slider, decoded once and kept as JPEGs."""

import operator
import threading
from itertools import islice
from typing import TYPE_CHECKING, Any

from streamlab.errors import VideoError
from streamlab.media import frames as jpeg
from streamlab.media.video import read_frames
from streamlab.recording.info import recorded_video

if TYPE_CHECKING:
    from streamlab.lab.recording import Recording

MOST_FRAMES = 1500
"""Maximum number of frames kept, some 60 MB of VGA."""
KEPT_QUALITY = 92
WIDEST_PX, HIGHEST_PX = 640, 480


class Clip:
    """Decodes a recording's video in a background thread; `image` waits for its frame.

    Frames are scaled to fit beside a chart, `scale` times the size of the frames that were sent.
    Raises `RecordingError` if the recording names no video, `VideoError` if it cannot be read.
    """

    def __init__(self, recording: "Recording", count: int) -> None:
        self._path = recorded_video(recording.info)
        self._count = min(count, MOST_FRAMES)
        self._sent = _sent_size(recording)
        self._jpegs: list[bytes] = []
        self._failure: VideoError | None = None
        self._is_over = False
        self._grown = threading.Condition()
        self.scale = 1.0
        threading.Thread(target=self._read, name="streamlab-clip", daemon=True).start()
        self.image(0)

    def __len__(self) -> int:
        """Number of frames available."""
        return self._count

    def image(self, number: int) -> Any:
        """Return a frame of the video, HxWx3 uint8 BGR; raises `VideoError` if there is none."""
        with self._grown:
            self._grown.wait_for(lambda: self._is_over or number < len(self._jpegs))
            if number < len(self._jpegs):
                return jpeg.decode(self._jpegs[number])
        problem = f"it has no frame {number}, which was recorded; it ends after {len(self._jpegs)}"
        raise self._failure or VideoError(self._path, problem)

    def _read(self) -> None:
        try:
            for image in islice(read_frames(self._path), self._count):
                data = jpeg.encode(self._fitted(image), quality=KEPT_QUALITY)
                with self._grown:
                    self._jpegs.append(data)
                    self._grown.notify_all()
        except VideoError as error:
            self._failure = error
        finally:
            with self._grown:
                self._is_over = True
                self._grown.notify_all()

    def _fitted(self, image: Any) -> Any:
        import cv2

        height, width = image.shape[:2]
        sent_width, sent_height = self._sent or (width, height)
        self.scale = min(WIDEST_PX / sent_width, HIGHEST_PX / sent_height, 1.0)
        size = (round(sent_width * self.scale), round(sent_height * self.scale))
        if size == (width, height):
            return image
        return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _sent_size(recording: "Recording") -> tuple[int, int] | None:
    try:
        size = (operator.index(recording.info["width"]), operator.index(recording.info["height"]))
    except (KeyError, TypeError):
        return None
    return size if min(size) > 0 else None
