"""A frame: what makes a message a usable JPEG, and the way to and from pixels.

The checks read the JPEG's markers only (ITU-T T.81, annex B): a frame that is refused costs
microseconds and no memory, whatever size its header claims.
"""

from dataclasses import dataclass
from typing import Any

from streamlab.errors import InvalidFrameError

MAX_PIXELS = 4096 * 4096
"""Most pixels of a frame: a decoded frame then takes at most 48 MiB."""

MAX_SCANS = 64
"""Most scans of a progressive frame; encoders write about 10, and each costs a full pass."""

JPEG_QUALITY = 90
"""Quality at which streamlab's own clients encode: at 95, OpenCV's default, a frame takes twice as
long to decode and a third more bytes."""

_SOI = b"\xff\xd8"
_EOI = b"\xff\xd9"
_SOS_MARKER = 0xDA
_SOF_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_DECODABLE_SOF_MARKERS = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
_PROGRESSIVE_SOF_MARKERS = frozenset({0xC2, 0xCA})
_STANDALONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """What a JPEG says about itself before its first scan."""

    width: int
    height: int
    channels: int
    is_progressive: bool


def check_frame(frame: bytes) -> JpegHeader:
    """Return the header of a frame that is worth decoding.

    Raises `InvalidFrameError` if the frame is empty, no JPEG, truncated, of more than `MAX_PIXELS`
    pixels or of more than `MAX_SCANS` scans.
    """
    header, scan_start = _read_markers(frame)
    if header.width * header.height > MAX_PIXELS:
        raise InvalidFrameError(
            f"{header.width} x {header.height} is too many pixels; at most {MAX_PIXELS} are allowed"
        )
    if not frame.endswith(_EOI) and frame.find(_EOI, scan_start) < 0:
        raise InvalidFrameError("a truncated JPEG: its end is missing")
    if header.is_progressive and frame.count(b"\xff\xda", scan_start) >= MAX_SCANS:
        raise InvalidFrameError(f"a JPEG of more than {MAX_SCANS} scans")
    return header


def _read_markers(frame: bytes) -> tuple[JpegHeader, int]:
    """Return the header and the offset behind the first start-of-scan segment."""
    if not frame:
        raise InvalidFrameError("an empty message; each message is one JPEG")
    if not frame.startswith(_SOI):
        raise InvalidFrameError("not a JPEG: it does not start with FF D8")
    header: JpegHeader | None = None
    size = len(frame)
    at = 2
    while True:
        # a marker is FF and a code; FF may be repeated as padding, and libjpeg skips stray bytes
        at = frame.find(b"\xff", at)
        while 0 <= at < size - 1 and frame[at + 1] == 0xFF:
            at += 1
        if at < 0 or at + 2 > size:
            raise InvalidFrameError("a truncated JPEG: its header ends early")
        marker = frame[at + 1]
        at += 2
        if marker == 0 or marker in _STANDALONE_MARKERS:
            continue
        if marker == 0xD9:
            raise InvalidFrameError("a JPEG without an image: it ends before its first scan")
        length = int.from_bytes(frame[at : at + 2], "big")
        if length < 2 or at + length > size:
            raise InvalidFrameError("a truncated JPEG: its header ends early")
        if marker in _SOF_MARKERS:
            header = _read_start_of_frame(marker, frame[at + 2 : at + length])
        at += length
        if marker == _SOS_MARKER:
            if header is None:
                raise InvalidFrameError("a JPEG without a size: a scan comes before its header")
            return header, at


def _read_start_of_frame(marker: int, segment: bytes) -> JpegHeader:
    if marker not in _DECODABLE_SOF_MARKERS:
        raise InvalidFrameError(f"a JPEG of a kind that is not supported (SOF marker {marker:02X})")
    if len(segment) < 6:
        raise InvalidFrameError("a truncated JPEG: its header ends early")
    height = int.from_bytes(segment[1:3], "big")
    width = int.from_bytes(segment[3:5], "big")
    if not width or not height:
        raise InvalidFrameError(f"a JPEG of {width} x {height} pixels")
    return JpegHeader(width, height, segment[5], marker in _PROGRESSIVE_SOF_MARKERS)


def decode(frame: bytes) -> Any:
    """Decode a checked frame to an HxWx3 uint8 array in BGR order.

    An EXIF orientation is not applied, so that boxes are in pixels of the frame as it was sent.
    Raises `InvalidFrameError` if the frame cannot be decoded.
    """
    import cv2
    import numpy as np

    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(frame, np.uint8), flags)
    except cv2.error:
        image = None
    if image is None:
        raise InvalidFrameError("a JPEG that cannot be decoded")
    return image


def encode(image: Any, quality: int = JPEG_QUALITY) -> bytes:
    """Encode an HxWx3 uint8 BGR array as a JPEG, `quality` from 1 to 100."""
    import cv2

    written, buffer = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not written:
        raise InvalidFrameError("an image that cannot be encoded as a JPEG")
    return bytes(buffer)
