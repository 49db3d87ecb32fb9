import av
import numpy as np
import pytest
from pictures import make_image

from streamlab.errors import VideoError
from streamlab.media import video


def write_video(path, count=20, width=64, height=48):
    with video.VideoWriter(path, fps=25) as writer:
        for seed in range(count):
            writer.write(make_image(seed, width, height))
    return path


def test_what_is_written_is_h264_and_can_be_read_again(tmp_path):
    path = write_video(tmp_path / "v.mp4", 12)
    info = video.probe(path)
    assert (info.width, info.height, info.fps, info.frames) == (64, 48, 25, 12)
    images = list(video.read_frames(path))
    assert len(images) == 12
    assert images[0].shape == (48, 64, 3)
    error = np.abs(images[0].astype(int) - make_image(0).astype(int)).mean()
    assert error < 12
    assert b"avc1" in path.read_bytes()


def test_an_odd_size_loses_its_last_row_and_column(tmp_path):
    path = write_video(tmp_path / "odd.mp4", 3, 65, 49)
    info = video.probe(path)
    assert (info.width, info.height) == (64, 48)


def truncated(path):
    """The same video with its index in front and its last third gone."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])


def spoiled(path):
    path.write_bytes(b"this is no video, but it is long enough to be looked at" * 50)


CASES = {
    "missing": (lambda path: path.unlink(), "no such file"),
    "empty": (lambda path: path.write_bytes(b""), "empty"),
    "no video": (spoiled, "not a readable video"),
    "truncated": (truncated, "truncated|broken"),
}


@pytest.mark.parametrize(("spoil", "words"), CASES.values(), ids=CASES)
def test_a_video_that_cannot_be_read_is_told_in_one_line(tmp_path, spoil, words):
    path = write_video(tmp_path / "v.mp4", 40)
    spoil(path)
    with pytest.raises(VideoError, match=words) as caught:
        list(video.read_frames(path))
    assert "\n" not in str(caught.value)
    assert "v.mp4" in str(caught.value)


def test_a_folder_is_no_video(tmp_path):
    with pytest.raises(VideoError, match="folder"):
        video.probe(tmp_path)


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(VideoError, match="cannot be written"):
        video.VideoWriter(tmp_path / "no" / "such.mp4", 30)


def test_an_output_is_never_an_input_or_another_output(tmp_path):
    path = write_video(tmp_path / "v.mp4", 3)
    (tmp_path / "link.mp4").hardlink_to(path)
    for output in (path, tmp_path / "link.mp4", tmp_path / "." / "v.mp4"):
        with pytest.raises(VideoError, match="read from"):
            video.refuse_overwriting([path], [output])
    with pytest.raises(VideoError, match="written already"):
        video.refuse_overwriting([path], [tmp_path / "x", tmp_path / "x"])
    video.refuse_overwriting([path], [tmp_path / "x", tmp_path / "y"])


@pytest.mark.parametrize(
    ("name", "codec", "form"),
    [
        ("v.mkv", "libx264", "yuv420p"),
        ("v.ts", "libx264", "yuv420p"),
        ("v.avi", "mjpeg", "yuvj420p"),
        ("v.gif", "gif", "rgb8"),
    ],
)
def test_a_cut_file_is_told_after_its_frames_and_a_whole_one_is_not(tmp_path, name, codec, form):
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, form
        for seed in range(50):
            image = av.VideoFrame.from_ndarray(make_image(seed), format="bgr24")
            container.mux(stream.encode(image.reformat(format=form)))
        container.mux(stream.encode())
    assert len(list(video.read_frames(path))) == 50
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3 + 5])
    read = []
    with pytest.raises(VideoError, match=r"truncated|damaged"):
        read.extend(video.read_frames(path))
    assert len(read) > 20


def test_a_name_with_a_colon_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_video("cam1:ü %d.mp4", 3)
    assert len(list(video.read_frames("cam1:ü %d.mp4"))) == 3


def test_what_cannot_be_written_is_told(tmp_path):
    with pytest.raises(VideoError, match="regular file"):
        video.VideoWriter("/dev/full", 30)
    with pytest.raises(VideoError, match="2x2"):
        write_video(tmp_path / "v.mp4", 1, 1, 1)
