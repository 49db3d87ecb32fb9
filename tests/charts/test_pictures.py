import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from streamlab.charts import pictures
from streamlab.errors import OptionError, RecordingError, VideoError
from streamlab.lab.recording import Recording
from streamlab.media.painting import STALE
from streamlab.media.video import VideoWriter, read_frames

matplotlib.use("Agg")

FRAMES = 40
WIDTH, HEIGHT = 320, 240
BOX = {"x": 100, "y": 120, "width": 80, "height": 40, "label": "plate"}


def grey(number):
    return 20 + 5 * number


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A video of which every frame is of another grey, bluish at its right."""
    path = tmp_path_factory.mktemp("clip") / "greys.mp4"
    with VideoWriter(path, 30) as writer:
        for number in range(FRAMES):
            image = np.full((HEIGHT, WIDTH, 3), grey(number), np.uint8)
            image[:, 240:] = (255, 0, 0)  # BGR
            writer.write(image)
    return path


def make(clip, dropped=(), shift=0, **info):
    rows = [
        {
            "session": 0,
            "frame_index": index,
            "video_frame": (index + shift) % FRAMES,
            "size_bytes": 1,
            "scheduled_ms": index * 33.3,
            "sent_ms": index * 33.3,
            "fate": "dropped" if index in dropped else "processed",
            "cause": "replaced" if index in dropped else None,
            "round_trip_ms": None if index in dropped else 12.0,
        }
        for index in range(FRAMES)
    ]
    results = {(0, i): {"detections": [BOX]} for i in range(3, FRAMES) if i not in dropped}
    results |= {(0, i): {"detections": []} for i in range(3) if i not in dropped}
    info = {"video": str(clip), "width": WIDTH, "height": HEIGHT, **info}
    return Recording(pd.DataFrame(rows), info, results=results)


def shown(ax):
    return np.asarray(ax.images[0].get_array())


def test_a_frame_is_shown_in_the_right_colours_with_its_own_answer(clip):
    image = shown(make(clip).show(20))
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert image[200, 40] == pytest.approx(grey(20), abs=4)
    red, _, blue = image[200, 300].astype(int)
    assert blue > 200 > 60 > red
    box_edge = image[150, 100]
    assert np.ptp(box_edge.astype(int)) > 30  # coloured, so not stale


def test_the_frame_of_the_video_that_was_sent_is_shown(clip):
    image = shown(make(clip, shift=10).show(5))
    assert image[200, 40] == pytest.approx(grey(15), abs=4)


def test_a_dropped_frame_shows_the_latest_answer_before_it_in_grey(clip):
    image = shown(make(clip, dropped=(20, 21)).show(21))
    assert image[200, 40] == pytest.approx(grey(21), abs=4)
    assert tuple(image[150, 100]) == STALE[::-1]


def test_frames_dropped_before_any_answer_show_none(clip):
    image = shown(make(clip, dropped=(0, 1)).show(1))
    assert image[150, 100] == pytest.approx(grey(1), abs=4)


def test_frames_are_scaled_to_the_size_in_which_they_were_sent(clip):
    assert shown(make(clip, width=160, height=120).show(3)).shape == (120, 160, 3)


def test_a_frame_is_drawn_into_the_axes_given(clip):
    _, ax = plt.subplots()
    assert make(clip).show(1, ax=ax) is ax
    assert len(plt.get_fignums()) == 1


def test_a_strip_shows_the_frames_asked_for_in_their_order_in_rows(clip):
    figure = make(clip).strip([30, 2, 17, 2])
    drawn = [ax for ax in figure.axes if ax.images]
    greys = [int(shown(ax)[200, 40, 0]) for ax in drawn]
    assert greys == pytest.approx([grey(n) for n in (30, 2, 17, 2)], abs=4)
    assert len({ax.get_subplotspec().rowspan.start for ax in drawn}) == 2


def test_a_strip_chooses_frames_in_which_something_was_found(clip):
    figure = make(clip).strip()
    greys = [int(shown(ax)[200, 40, 0]) for ax in figure.axes]
    assert len(greys) == 6
    assert greys == sorted(greys)
    assert greys[0] == pytest.approx(grey(3), abs=4)
    assert greys[-1] == pytest.approx(grey(FRAMES - 1), abs=4)


def test_a_video_is_read_once_for_a_strip_and_frames_that_follow_are_kept(clip, monkeypatch):
    reads = []

    def counted(path):
        reads.append(path)
        return read_frames(path)

    monkeypatch.setattr(pictures, "read_frames", counted)
    monkeypatch.setattr(pictures, "CACHE", pictures.FrameCache())
    recording = make(clip)
    recording.strip([12, 3, 7])
    assert len(reads) == 1
    recording.show(13)
    recording.show(7)
    assert len(reads) == 1
    recording.show(5)
    assert len(reads) == 2


def test_the_cache_is_bounded_and_gives_what_was_asked_for(clip):
    cache = pictures.FrameCache(most=4)
    frames = cache.frames(clip, range(20))
    assert sorted(frames) == [*range(20)]
    assert len(cache._kept) == 4


def test_a_video_that_was_replaced_is_read_anew(clip, tmp_path):
    path = tmp_path / "again.mp4"
    path.write_bytes(clip.read_bytes())
    before = shown(make(path).show(10))[200, 40, 0]
    with VideoWriter(path, 30) as writer:
        for _ in range(FRAMES):
            writer.write(np.full((HEIGHT, WIDTH, 3), 250, np.uint8))
    after = shown(make(path).show(10))[200, 40, 0]
    assert before < 90 < 240 < after


def test_a_frame_that_there_is_not_is_told_with_those_that_there_are(clip):
    recording = make(clip)
    with pytest.raises(OptionError, match=r"frame=40: .* 0 to 39"):
        recording.show(FRAMES)
    with pytest.raises(OptionError, match="frame=-1"):
        recording.strip([-1])
    with pytest.raises(OptionError, match=r"session=2: .* only 0"):
        recording.show(0, session=2)
    with pytest.raises(OptionError, match="name at least one"):
        recording.strip([])
    with pytest.raises(OptionError, match="no such frame; there is none"):
        Recording(pd.DataFrame(), {"video": str(clip)}).show(0)


def test_a_video_that_is_gone_or_too_short_is_told(clip, tmp_path):
    with pytest.raises(VideoError, match="no such file"):
        make(tmp_path / "gone.mp4").show(1)
    with pytest.raises(RecordingError, match="names no video"):
        make("", video=None).show(1)
    short = tmp_path / "short.mp4"
    with VideoWriter(short, 30) as writer:
        for _ in range(5):
            writer.write(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    with pytest.raises(VideoError, match="no frame 20, which was recorded; it ends after 5"):
        make(short).show(20)
