"""Naming a video: a file, a sample, and what is said of anything else."""

from pathlib import Path

import pytest

from streamlab.errors import OptionError, StreamlabError, VideoError
from streamlab.lab import LiveView
from streamlab.lab.encoding import encoded
from streamlab.media.samples import find_video, sample_names, sample_path
from streamlab.media.video import VideoWriter, probe

MEANT = "no such sample; did you mean 'gate_easy'? the samples are: "


def test_a_sample_is_found_by_its_name_and_a_file_by_its_path(tmp_path, monkeypatch):
    assert find_video("gate_easy") == sample_path("gate_easy")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.mp4").write_bytes(b"x")
    assert find_video("clip.mp4") == Path("clip.mp4")
    assert find_video(tmp_path / "clip.mp4") == tmp_path / "clip.mp4"
    # what a demo was written to is not what was meant
    (tmp_path / "gate_easy").mkdir()
    assert find_video("gate_easy") == sample_path("gate_easy")


@pytest.mark.parametrize("name", ["gate_eas", "gate_easy.mp4", "gat_easy"])
def test_a_name_that_is_nearly_a_samples_is_answered_with_the_one_that_was_meant(name):
    with pytest.raises(VideoError) as caught:
        find_video(name)
    assert MEANT in str(caught.value)
    assert str(caught.value).startswith(f"{name}: no such file")
    assert all(sample in str(caught.value) for sample in sample_names())


def test_what_is_no_sample_at_all_is_answered_with_the_list_and_a_path_without():
    with pytest.raises(VideoError, match=r"^holiday: no such file and no such sample; the samples"):
        find_video("holiday")
    with pytest.raises(VideoError, match=r"^films/gate_eas: no such file$"):
        find_video("films/gate_eas")


def test_stream_run_and_live_view_say_the_same():
    with pytest.raises(VideoError) as caught, encoded("gate_eas", None, 80, progress=False):
        pass
    assert MEANT in str(caught.value)
    with pytest.raises(OptionError) as refused:
        LiveView(source="gate_eas")
    assert MEANT in str(refused.value)
    assert "besides 'camera' and 'file'" in str(refused.value)
    view = LiveView()
    with pytest.raises(Exception, match="did you mean 'gate_easy'"):
        view.source = "gate_eas"
    for source in ("camera", "file", "gate_sparse"):
        view.source = source


ADDRESSES = ["rtsp://10.0.0.7:554/stream1", "http://cam.local//live.m3u8", "file:///tmp/a.mp4"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_told_as_it_was_given_with_what_can_be_done(address):
    with pytest.raises(VideoError) as caught:
        find_video(address)
    assert str(caught.value).startswith(f"{address}: an address, which is not read; ")
    assert "ffmpeg" in str(caught.value)
    for use in (probe, lambda path: VideoWriter(path, 30)):
        with pytest.raises(VideoError) as caught:
            use(address)
        assert str(caught.value).startswith(f"{address}: ")


@pytest.mark.parametrize("video", [None, 3, "", b"gate_easy", ["gate_easy"]])
def test_what_names_no_video_is_refused_in_a_sentence(video):
    with pytest.raises(VideoError, match="the path of a video file or the name of a sample"):
        find_video(video)


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_a_name_that_no_file_can_have_is_refused_in_a_sentence(name):
    with pytest.raises(StreamlabError):
        find_video(name)
