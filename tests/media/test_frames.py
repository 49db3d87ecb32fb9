import contextlib
import struct
import sys
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import make_image

from streamlab.errors import InvalidFrameError
from streamlab.media import frames

WRITERS = {
    "baseline": [],
    "progressive": [cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
    "optimised": [cv2.IMWRITE_JPEG_OPTIMIZE, 1],
    "restarts": [cv2.IMWRITE_JPEG_RST_INTERVAL, 2],
    "poor": [cv2.IMWRITE_JPEG_QUALITY, 1],
}


def write(image, kind="baseline"):
    return cv2.imencode(".jpg", image, WRITERS[kind])[1].tobytes()


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 5), (64, 48), (641, 479)])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_header_says_what_opencv_decodes(kind, width, height, channels):
    image = make_image(width=width, height=height)
    jpeg = write(image if channels == 3 else image[:, :, 0], kind)
    header = frames.check_frame(jpeg)
    assert (header.width, header.height, header.channels) == (width, height, channels)
    assert frames.decode(jpeg).shape == (height, width, 3)


def test_application_segments_and_padding_are_passed_over(jpeg):
    thumbnail = b"\xff\xe1" + struct.pack(">H", 2 + len(jpeg)) + jpeg
    padded = jpeg[:2] + b"\xff\xff" + thumbnail[1:] + jpeg[2:]
    assert frames.check_frame(padded) == frames.check_frame(jpeg)
    assert np.array_equal(frames.decode(padded), frames.decode(jpeg))


def png(image):
    return cv2.imencode(".png", image)[1].tobytes()


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (b"", "empty"),
        (b"\xff", "not a JPEG"),
        (b"GIF89a" + bytes(100), "not a JPEG"),
        (png(make_image()), "not a JPEG"),
        (b"\xff\xd8", "truncated"),
        (b"\xff\xd8\xff", "truncated"),
        (b"\xff\xd8\xff\xd9", "without an image"),
        (b"\xff\xd8\xff\xe0\x00\x01" + bytes(9), "truncated"),
        (b"\xff\xd8\xff\xda\x00\x02" + bytes(9) + b"\xff\xd9", "without a size"),
        (bytes.fromhex("ffd8ffc00011080000000003012200021101031101ffd9"), "0 x 0"),
        (bytes.fromhex("ffd8ffc3000b080010001001011100ffda0002ffd9"), "not supported"),
    ],
)
def test_what_is_no_jpeg_is_refused_in_words(frame, words):
    with pytest.raises(InvalidFrameError, match=words):
        frames.check_frame(frame)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
def test_a_truncated_jpeg_is_refused(jpeg, share):
    with pytest.raises(InvalidFrameError, match="truncated"):
        frames.check_frame(jpeg[: int(len(jpeg) * share)])


def test_a_large_truncated_jpeg_is_refused_by_the_worker():
    large = write(np.random.default_rng(0).integers(0, 255, (600, 600, 3), np.uint8))
    cut = large[:-2]
    assert len(cut) > 2**17
    frames.check_frame(cut)
    with pytest.raises(InvalidFrameError, match="truncated"):
        frames.decode(cut)


def test_what_follows_the_end_is_passed_over(jpeg):
    padded = jpeg + bytes(2**17)
    frames.check_frame(padded)
    assert np.array_equal(frames.decode(padded), frames.decode(jpeg))


def with_size(jpeg, width, height):
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def test_a_header_of_too_many_pixels_is_refused_without_decoding(jpeg, monkeypatch):
    bomb = with_size(jpeg, 30_000, 30_000) + bytes(50_000)
    monkeypatch.delattr(cv2, "imdecode")
    with pytest.raises(InvalidFrameError, match="30000 x 30000 is too many pixels"):
        frames.check_frame(bomb)


def test_the_largest_frame_is_accepted(jpeg):
    frames.check_frame(with_size(jpeg, 4096, 4096))
    with pytest.raises(InvalidFrameError, match="too many pixels"):
        frames.check_frame(with_size(jpeg, 4096, 4097))


def with_scans(jpeg, count):
    """Return a JPEG whose image is one scan of its first component, `count` times."""
    at = jpeg.index(b"\xff\xda")
    scan = bytes.fromhex("ffda 0008 01 01 00 00 3f 00")
    return jpeg[:at] + scan * count + b"\xff\xd9"


@pytest.mark.parametrize("kind", ["baseline", "progressive"])
def test_a_jpeg_of_endless_scans_is_refused(kind):
    jpeg = write(make_image(), kind)
    scan = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    with pytest.raises(InvalidFrameError, match="scans"):
        frames.decode(jpeg[:-2] + scan * frames.MAX_SCANS + b"\xff\xd9")


@pytest.mark.parametrize(
    ("width", "height", "scans", "allowed"),
    [
        (4096, 4096, 10, True),
        (4096, 4096, 11, False),
        (4096, 4096, 3000, False),
        (1920, 1080, 64, True),
        (1920, 1080, 65, False),
        (64, 48, 65, False),
    ],
)
def test_large_frames_may_have_fewer_scans(jpeg, monkeypatch, width, height, scans, allowed):
    frame = with_scans(with_size(jpeg, width, height), scans)
    frames.check_frame(frame)
    decoded = []
    monkeypatch.setattr(cv2, "imdecode", lambda *_: decoded.append(True))
    with pytest.raises(InvalidFrameError, match="cannot be decoded" if allowed else "scans"):
        frames.decode(frame)
    assert bool(decoded) is allowed


COMMENT = b"\xff\xfe\x00\x02"


@pytest.mark.parametrize(
    ("in_front", "words"),
    [
        (COMMENT * 1_000_000, "segments before its image"),
        (COMMENT * (frames.MAX_HEADER_SEGMENTS + 1), "segments before its image"),
        (b"\xff" * 5_000_000, "fill bytes"),
        (b"\xff" * (frames.MAX_FILL_BYTES + 2), "fill bytes"),
        (b"\xff\x00" * 2_000_000, "segments before its image"),
        (b"\xff\xd8" * 2_000_000, "segments before its image"),
        (bytes(5_000_000), "bytes before its image"),
        ((b"\xff\xfe\xff\xff" + bytes(0xFFFD)) * 80, "bytes before its image"),
    ],
)
def test_no_frame_keeps_the_check_busy(jpeg, in_front, words):
    steps = count_steps(lambda: frames.check_frame(jpeg[:2] + in_front + jpeg[2:]), words)
    assert steps < 20 * frames.MAX_HEADER_SEGMENTS


def count_steps(check, words):
    """Return how many lines of Python a check runs until it refuses."""
    steps = 0

    def count(frame, event, argument):
        nonlocal steps
        steps += event == "line"
        return count

    sys.settrace(count)
    try:
        with pytest.raises(InvalidFrameError, match=words):
            check()
    finally:
        sys.settrace(None)
    return steps


def test_what_encoders_write_in_front_of_an_image_is_accepted(jpeg):
    profile = (b"\xff\xe2" + struct.pack(">H", 4000) + bytes(3998)) * 255
    frames.check_frame(jpeg[:2] + profile + jpeg[2:])
    frames.check_frame(jpeg[:2] + b"\xff" * 200 + jpeg[2:])


def test_what_cannot_be_decoded_is_refused(jpeg):
    broken = jpeg.replace(b"\xff\xdb", b"\xff\xe5")  # no quantisation tables
    frames.check_frame(broken)
    with pytest.raises(InvalidFrameError, match="cannot be decoded"):
        frames.decode(broken)


def test_boxes_are_in_pixels_as_sent_whatever_exif_says():
    image = make_image(width=64, height=32)
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    jpeg = write(image)
    rotated = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif + jpeg[2:]
    assert cv2.imdecode(np.frombuffer(rotated, np.uint8), cv2.IMREAD_COLOR).shape == (64, 32, 3)
    assert frames.decode(rotated).shape == (32, 64, 3)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), kind=st.sampled_from(sorted(WRITERS)), seed=st.integers(0, 3))
def test_mutated_jpegs_are_refused_or_have_the_size_that_opencv_decodes(data, kind, seed):
    jpeg = bytearray(write(make_image(seed, 40, 24), kind))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(jpeg) - 1))
        jpeg[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    frame = bytes(jpeg)
    try:
        header = frames.check_frame(frame)
    except InvalidFrameError:
        return
    if header.width * header.height > 1 << 20:
        return
    try:
        image = frames.decode(frame)
    except InvalidFrameError:
        return
    assert image.shape == (header.height, header.width, 3)


@given(st.binary(max_size=400))
def test_any_bytes_are_checked_without_another_error(noise):
    for frame in (noise, b"\xff\xd8" + noise, b"\xff\xd8\xff" + zlib.compress(noise)):
        with contextlib.suppress(InvalidFrameError):
            frames.check_frame(frame)
