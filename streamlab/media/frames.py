"""JPEG frames: what makes a message a usable one, and the way to and from pixels.

`check_frame` reads the markers in front of the image (ITU-T T.81, annex B): it is for an event
loop, and costs well under a millisecond and no memory for any input. `decode` is for a worker: it
first bounds what decoding may cost, by counting the image's scans.
"""

import re
from dataclasses import dataclass
from typing import Any

from streamlab.errors import InvalidFrameError

MAX_PIXELS = 4096 * 4096
"""Most pixels of a frame: a decoded frame then takes at most 48 MiB."""

MAX_SCANS = 64
"""Most scans of a frame; encoders write one, or about 10 for a progressive frame."""

MAX_SCANNED_PIXELS = 10 * MAX_PIXELS
"""Most pixels times scans of a frame: each scan of a frame that has several is a full pass."""

MAX_HEADER_BYTES = 2**20
MAX_HEADER_SEGMENTS = 500
MAX_FILL_BYTES = 256
"""Most of each before a frame's image: an encoder writes about 10 segments and no fill bytes, a
colour profile takes up to 255 segments."""

JPEG_QUALITY = 90
"""Quality at which streamlab's own clients encode: at 95, OpenCV's default, a frame takes twice as
long to decode and a third more bytes."""

_SOI = b"\xff\xd8"
_EOI = b"\xff\xd9"
_SOS = b"\xff\xda"
_TAIL_BYTES = 2**16
_FILL = re.compile(rb"\xff{1,%d}" % (MAX_FILL_BYTES + 1))
_SOS_MARKER = 0xDA
_SOF_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_DECODABLE_SOF_MARKERS = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
_STANDALONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """What a JPEG says about itself before its first scan."""

    width: int
    height: int
    channels: int


def check_frame(frame: bytes) -> JpegHeader:
    """Return the header of a frame that is worth giving to a worker.

    Raises `InvalidFrameError` if the frame is empty, no JPEG, of more than `MAX_PIXELS` pixels, has
    more in front of its image than an encoder writes, or is truncated as far as its last 64 KiB
    tell; `decode` finds the rest.
    """
    header, scan_start = _read_markers(frame)
    if header.width * header.height > MAX_PIXELS:
        raise InvalidFrameError(
            f"{header.width} x {header.height} is too many pixels; at most {MAX_PIXELS} are allowed"
        )
    tail_start = max(scan_start, len(frame) - _TAIL_BYTES)
    if tail_start == scan_start and frame.rfind(_EOI, tail_start) < 0:
        raise _truncated()
    return header


def _check_scans(frame: bytes) -> None:
    """Refuse a checked frame whose image has no end, or more scans than its size allows.

    Raises `InvalidFrameError`. Takes milliseconds for megabytes.
    """
    header, scan_start = _read_markers(frame)
    if frame.rfind(_EOI, scan_start) < 0:
        raise _truncated()
    most = min(MAX_SCANS, MAX_SCANNED_PIXELS // (header.width * header.height))
    scans = 1 + frame.count(_SOS, scan_start)
    if scans > most:
        raise InvalidFrameError(
            f"a JPEG of {scans} scans; {header.width} x {header.height} may have at most {most}"
        )


def _truncated() -> InvalidFrameError:
    return InvalidFrameError("a truncated JPEG: its end is missing")


def _read_markers(frame: bytes) -> tuple[JpegHeader, int]:
    """Return the header and the offset behind the first start-of-scan segment."""
    if not frame:
        raise InvalidFrameError("an empty message; each message is one JPEG")
    if not frame.startswith(_SOI):
        raise InvalidFrameError("not a JPEG: it does not start with FF D8")
    header: JpegHeader | None = None
    size = len(frame)
    end = min(size, MAX_HEADER_BYTES)
    at = 2
    for _ in range(MAX_HEADER_SEGMENTS):
        # a marker is FF and a code; FF may be repeated as padding, and libjpeg skips stray bytes
        at = frame.find(b"\xff", at, end)
        if at < 0:
            break
        fill = _FILL.match(frame, at)
        at = fill.end() - 1 if fill else at
        if at + 2 > size:
            break
        marker = frame[at + 1]
        at += 2
        if marker == 0 or marker in _STANDALONE_MARKERS:
            continue
        if marker == 0xFF:
            raise InvalidFrameError(f"a JPEG with more than {MAX_FILL_BYTES} fill bytes in a row")
        if marker == 0xD9:
            raise InvalidFrameError("a JPEG without an image: it ends before its first scan")
        length = int.from_bytes(frame[at : at + 2], "big")
        if length < 2 or at + length > size:
            break
        if marker in _SOF_MARKERS:
            header = _read_start_of_frame(marker, frame[at + 2 : at + length])
        at += length
        if marker == _SOS_MARKER:
            if header is None:
                raise InvalidFrameError("a JPEG without a size: a scan comes before its header")
            return header, at
    else:
        raise InvalidFrameError(
            f"a JPEG of more than {MAX_HEADER_SEGMENTS} segments before its image"
        )
    if end < size and (at < 0 or at >= end):
        raise InvalidFrameError(f"a JPEG with more than {MAX_HEADER_BYTES} bytes before its image")
    raise InvalidFrameError("a truncated JPEG: its header ends early")


def _read_start_of_frame(marker: int, segment: bytes) -> JpegHeader:
    if marker not in _DECODABLE_SOF_MARKERS:
        raise InvalidFrameError(f"a JPEG of a kind that is not supported (SOF marker {marker:02X})")
    if len(segment) < 6:
        raise InvalidFrameError("a truncated JPEG: its header ends early")
    height = int.from_bytes(segment[1:3], "big")
    width = int.from_bytes(segment[3:5], "big")
    if not width or not height:
        raise InvalidFrameError(f"a JPEG of {width} x {height} pixels")
    return JpegHeader(width, height, segment[5])


def decode(frame: bytes) -> Any:
    """Decode a checked frame to an HxWx3 uint8 array in BGR order.

    An EXIF orientation is not applied, so that boxes are in pixels of the frame as it was sent.
    Raises `InvalidFrameError` if the frame has no end, too many scans for its size, or cannot be
    decoded.
    """
    import cv2
    import numpy as np

    _check_scans(frame)
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
