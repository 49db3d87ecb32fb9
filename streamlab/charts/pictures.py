"""Recorded frames with the answer that was on screen when each was sent."""

import contextlib
import math
import operator
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamlab.charts.canvas import WIDTH_IN, new_figure
from streamlab.charts.queries import outcomes, session_frames
from streamlab.charts.style import OUTCOMES, PROCESSED
from streamlab.charts.waterfall import chosen_frames
from streamlab.errors import OptionError, VideoError
from streamlab.media.annotate import Annotator
from streamlab.media.video import read_frames
from streamlab.recording.info import recorded_video

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from streamlab.recording.data import RecordingData

READ_AHEAD = 16
"""Frames behind the requested one that are decoded too: the next request often follows it."""
KEPT_FRAMES = 64
STRIP_FRAMES = 6
STRIP_COLUMNS = 3


class FrameCache:
    """LRU cache of decoded frames; videos can be decoded from their start only.

    A file that was replaced is decoded anew.
    """

    def __init__(self, most: int = KEPT_FRAMES) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._lock = threading.Lock()

    def frames(self, path: Path, wanted: Iterable[int]) -> dict[int, Any]:
        """Return frames by number, HxWx3 uint8 BGR, reading the video at most once.

        Raises `VideoError` if it cannot be read that far.
        """
        numbers = set(wanted)
        with self._lock:
            key = _identity(path)
            found = {n: self._kept[key, n] for n in numbers if (key, n) in self._kept}
            for n in found:
                self._kept.move_to_end((key, n))
            if missing := numbers - set(found):
                found |= self._read(path, key, missing)
            return found

    def _read(self, path: Path, key: object, missing: set[int]) -> dict[int, Any]:
        found: dict[int, Any] = {}
        count = 0
        last = max(missing)
        images = read_frames(path)
        with contextlib.closing(images):  # type: ignore[type-var]
            for image in islice(images, last + 1):
                if count in missing:
                    found[count] = self._keep((key, count), image)
                count += 1
            if count <= last:
                raise VideoError(
                    path, f"it has no frame {last}, which was recorded; it ends after {count}"
                )
            # an error behind the requested frames is no error of this request
            with contextlib.suppress(VideoError):
                for ahead, image in enumerate(islice(images, READ_AHEAD), last + 1):
                    self._keep((key, ahead), image)
        return found

    def _keep(self, key: tuple[Any, ...], image: Any) -> Any:
        image.flags.writeable = False
        self._kept[key] = image
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return image


CACHE = FrameCache()


def show_frame(
    recording: "RecordingData",
    frame_index: int | None = None,
    session: int = 0,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a frame with its answer; one without an answer has the latest before it, in grey.

    Without `frame_index`, the middle one of the frames with detections is drawn. Raises
    `OptionError` for an unknown frame or session, `RecordingError` if no video was kept, and
    `VideoError` if the video cannot be read.
    """
    rows = session_frames(recording, session)
    if frame_index is None:
        pool = _default_frames(recording, rows, session)
        if not pool:
            raise OptionError("frame_index", None, "there is no frame to show")
        frame_index = pool[len(pool) // 2]
    image = annotated_images(recording, rows, chosen_frames(rows, [frame_index]))[0]
    if ax is None:
        import matplotlib.pyplot as plt

        height, width = image.shape[:2]
        size = (WIDTH_IN, WIDTH_IN * height / width)
        _, ax = plt.subplots(figsize=size, layout="constrained")
    return _draw(ax, image)


def show_strip(
    recording: "RecordingData", frame_indices: Iterable[int] | None = None, session: int = 0
) -> "Figure":
    """Return a figure of frames with their answers, in rows of three.

    Without `frame_indices`, six are taken evenly from the frames with detections, or from all of
    them if there are none. Raises as `show_frame` does.
    """
    rows = session_frames(recording, session)
    if frame_indices is None:
        frame_indices = _default_frames(recording, rows, session)
    chosen = chosen_frames(rows, frame_indices)
    if not len(chosen):
        raise OptionError("frame_indices", [], "there is no frame to show; name at least one")
    images = annotated_images(recording, rows, chosen)
    columns = min(STRIP_COLUMNS, len(images))
    lines = math.ceil(len(images) / columns)
    height, width = images[0].shape[:2]
    figure = new_figure(WIDTH_IN, WIDTH_IN / columns * height / width * lines)
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    for ax, image in zip(axes, images, strict=False):
        _draw(ax, image)
    for ax in axes[len(images) :]:
        ax.set_axis_off()
    return figure


def annotated_images(
    recording: "RecordingData", rows: "pd.DataFrame", chosen: "pd.DataFrame"
) -> list[Any]:
    """Return the images, HxWx3 uint8 BGR, of `chosen` frames out of a session's `rows`."""
    import cv2

    images = CACHE.frames(recorded_video(recording.info), chosen["video_frame"].tolist())
    size = _size(recording)
    annotator = Annotator()
    drawn = []
    for (_, row), outcome in zip(chosen.iterrows(), outcomes(chosen), strict=True):
        image = images[int(row["video_frame"])]
        if size is not None and size != (image.shape[1], image.shape[0]):
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        session, frame = int(row["session"]), int(row["frame_index"])
        answered = _answered_frame(rows, frame)
        result = None if answered is None else recording.result(answered, session)
        status = f"frame {frame}  {OUTCOMES[outcome].label}"
        if outcome == PROCESSED and not math.isnan(row["round_trip_ms"]):
            status += f"  {row['round_trip_ms']:.0f} ms"
        elif answered is not None and answered != frame:
            status += f"  (result of frame {answered})"
        drawn.append(annotator.draw(image, result, status, stale=answered != frame))
    return drawn


def _answered_frame(rows: "pd.DataFrame", frame: int) -> int | None:
    """Return the latest processed frame up to and including a frame; None if there is none."""
    done = rows["frame_index"][(rows["fate"] == PROCESSED) & (rows["frame_index"] <= frame)]
    return int(done.max()) if len(done) else None


def _default_frames(
    recording: "RecordingData", rows: "pd.DataFrame", session: int
) -> Sequence[int]:
    frames = rows["frame_index"].tolist()
    found = [n for n in frames if (recording.result(n, session) or {}).get("detections")]
    pool = found or frames
    if len(pool) <= STRIP_FRAMES:
        return pool
    step = (len(pool) - 1) / (STRIP_FRAMES - 1)
    return [pool[round(step * place)] for place in range(STRIP_FRAMES)]


def _size(recording: "RecordingData") -> tuple[int, int] | None:
    try:
        size = (operator.index(recording.info["width"]), operator.index(recording.info["height"]))
    except (KeyError, TypeError):
        return None
    return size if min(size) > 0 else None


def _identity(path: Path) -> tuple[Any, ...]:
    try:
        stat = path.stat()
    except OSError:
        return (str(path),)
    return (str(path.absolute()), stat.st_mtime_ns, stat.st_size)


def _draw(ax: "Axes", image: Any) -> "Axes":
    ax.imshow(image[..., ::-1], interpolation="antialiased")
    ax.set_axis_off()
    return ax
