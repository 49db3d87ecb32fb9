"""`RecordingInfo`: the header of a recording, and the path of its video."""

from pathlib import Path

from streamlab.backpressure.settings import TunableOptions
from streamlab.errors import RecordingError, VideoError
from streamlab.media.samples import find_video

CAMERA = "camera"
"""Value of `video` for a webcam."""
BROWSER = "browser"
"""Value of `client` if a live view made the recording."""


class RecordingInfo(TunableOptions, total=False):
    """The header of a recording; `docs/recordings.md` describes each key for readers of files."""

    source: str
    """`live` or `replay`."""
    client: str
    """`browser` where a live view recorded it."""
    created: str
    streamlab: str
    """The version that made it."""
    video: str
    """As given: a path, the name of a sample, `camera`."""
    video_fps: float
    video_width: int
    video_height: int
    video_frames: int | None
    video_error: str
    width: int
    """Of the frames that were sent, pixels; so `height`."""
    height: int
    quality: int
    pipeline_id: str
    nodes: list[str]
    deferring: list[str]
    """The nodes that may defer work to later frames."""
    fps: float
    seconds: float | None
    sessions: int
    seed: int
    adaptive: bool
    every_frame: bool
    loop: bool
    policy: str
    min_score: float
    labels: list[str]
    workers: int | None
    cores: int | None
    device: str | None
    interrupted: bool
    truncated: bool
    left_out_frames: int
    """Frames of a long live run that were given up for newer ones."""
    damaged_blocks: int
    """Blocks of a live run, a second of frames each, that came to the kernel damaged."""


def recorded_video(info: RecordingInfo) -> Path:
    """Return the path of the video; a recording holds answers and times, no images.

    Raises `RecordingError` if there is no file to read again (a webcam), and `VideoError` if the
    file does not exist.
    """
    name = info.get("video")
    if not isinstance(name, str) or not name:
        raise RecordingError("this recording", "it names no video, so there is no frame to show")
    if info.get("client") != BROWSER:
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
