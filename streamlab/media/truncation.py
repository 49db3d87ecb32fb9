"""`TruncationCheck`: whether a decoded video is truncated or damaged."""

from pathlib import Path
from typing import Any

MISSING_FRAMES_ALLOWED = 2
"""Frames by which containers overstate their length without being truncated."""

MISSING_SHARE_ALLOWED = 0.03
MISSING_S_ALLOWED = 1.0

TS_PACKET_BYTES = (188, 192, 204)
"""Packet sizes of MPEG transport streams: plain, with time codes, with error correction."""

GIF_TRAILER = b";"
GIF_TAIL_BYTES = 1024


class TruncationCheck:
    """Counts the packets and frames of a video and compares them with its container.

    A container that states neither its number of frames nor its length, and marks nothing as
    corrupt, is taken as complete.
    """

    def __init__(self, path: str | Path, container: Any, stream: Any) -> None:
        self.frames = 0
        self._path = Path(path)
        self._format = container.format.name
        self._expected_frames = stream.frames or None
        self._start_s, self._duration_s = _span(container, stream)
        self._frame_s = 1 / float(stream.average_rate) if stream.average_rate else 0.0
        self._end_s: float | None = None
        self._last_s: float | None = None
        self._packets = 0
        self._broken = 0
        self._is_marked = False

    def add_packet(self, packet: Any) -> None:
        """Count a packet."""
        if packet.size or packet.dts is not None:
            self._packets += 1
        self._is_marked |= bool(packet.is_corrupt)

    def add_frame(self, frame: Any) -> None:
        """Count a frame."""
        self.frames += 1
        self._is_marked |= bool(frame.is_corrupt)
        if frame.time is None:
            return
        if self._last_s is not None:
            # with a variable rate, the longest frame bounds how much may be missing
            self._frame_s = max(self._frame_s, frame.time - self._last_s)
        duration_s = float(frame.duration * frame.time_base) if frame.duration else self._frame_s
        self._last_s = frame.time
        self._end_s = max(self._end_s or 0.0, frame.time + duration_s)

    def add_decode_error(self) -> None:
        """Count a packet that could not be decoded; ignored before the first frame."""
        self._broken += bool(self.frames)

    def problem(self) -> str | None:
        """Return the problem of the video in one line, None if it is complete."""
        if not self.frames:
            return "it has no frames"
        could = f"{self.frames} frames could be read"
        if self._lacks_frames():
            return f"truncated: {self.frames} of {self._expected_frames} frames could be read"
        if self._lacks_time():
            return f"truncated: it ends before its {self._duration_s:.2f} s are over; {could}"
        if self._is_marked or self._broken:
            return f"damaged: {could}"
        if self._is_cut_short():
            return f"truncated: its last part is missing; {could}"
        return None

    def _lacks_frames(self) -> bool:
        if self._expected_frames is None:
            return False
        seen = max(self.frames, self._packets)
        lacks = seen < self._expected_frames - MISSING_FRAMES_ALLOWED
        # an edit list leaves frames out that the file has, and corrects the duration
        return lacks and ("mov" not in self._format.split(",") or self._lacks_time())

    def _lacks_time(self) -> bool:
        if self._duration_s is None or self._end_s is None:
            return False
        lacks_s = self._duration_s - (self._end_s - self._start_s)
        allowed_s = min(MISSING_SHARE_ALLOWED * self._duration_s, MISSING_S_ALLOWED)
        # half a frame more, because containers round
        return lacks_s > max((MISSING_FRAMES_ALLOWED + 0.5) * self._frame_s, allowed_s)

    def _is_cut_short(self) -> bool:
        size = self._path.stat().st_size
        if self._format == "mpegts":
            return all(size % packet for packet in TS_PACKET_BYTES)
        if self._format == "gif":
            with self._path.open("rb") as file:
                file.seek(max(0, size - GIF_TAIL_BYTES))
                return not file.read().rstrip(b"\0\r\n").endswith(GIF_TRAILER)
        return False


def _span(container: Any, stream: Any) -> tuple[float, float | None]:
    """Return a stream's start and length in seconds; the length is None if unknown."""
    start_s = float((stream.start_time or 0) * stream.time_base) if stream.time_base else 0.0
    if stream.duration and stream.time_base:
        return start_s, float(stream.duration * stream.time_base)
    # Matroska counts from zero, wherever the first frame is
    if tag := stream.metadata.get("DURATION"):
        try:
            hours, minutes, seconds = (float(part) for part in tag.split(":"))
        except ValueError:
            return 0.0, None
        return 0.0, hours * 3600 + minutes * 60 + seconds
    # of several streams, another may be the longest
    if container.duration and len(container.streams) == 1:
        return 0.0, container.duration / 1e6
    return 0.0, None
