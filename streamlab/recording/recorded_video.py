"""The video that a recording was made of, where its pictures are still at hand."""

from pathlib import Path
from typing import TYPE_CHECKING

from streamlab.errors import RecordingError, VideoError
from streamlab.media.samples import find_video

if TYPE_CHECKING:
    from streamlab.lab.recording import Recording

CAMERA = "camera"
"""What a live view calls a webcam."""
BROWSER = "browser"
"""What `info` has for `client` if a live view made the recording."""


def recorded_video(recording: "Recording") -> Path:
    """Return the path of the video; a recording keeps answers and times, no pictures.

    Raises `RecordingError` where no video was kept that could be read again, and `VideoError` where
    it is not there any more.
    """
    name = recording.info.get("video")
    if not isinstance(name, str) or not name:
        raise RecordingError("this recording", "it names no video, so there is no frame to show")
    if recording.info.get("client") != BROWSER:
        return find_video(name)
    if name == CAMERA:
        raise RecordingError(
            "this recording",
            "it is of a webcam, and no pictures of it were kept. LiveView.snapshot() keeps the "
            "frame on show with its answer; to look at all frames again, record the camera to a "
            'file with any program and stream that, lab.stream("clip.mp4")',
        )
    try:
        return find_video(name)
    except VideoError:
        raise RecordingError(
            "this recording",
            f"it is of the file {name!r}, which the browser read, and no pictures of it were kept; "
            'set recording.info["video"] to where that file is on this machine',
        ) from None
