"""`LiveView` without a browser: its settings, and what it makes of what a browser tells."""

import gzip
import json
from operator import attrgetter

import pytest
import traitlets

import streamlab
from streamlab.errors import OptionError, RecordingError, StreamlabError
from streamlab.lab import Lab, LiveView, Recording, tune_detection
from streamlab.media.frames import encode
from streamlab.media.samples import sample_path
from streamlab.media.video import read_frames
from streamlab.server.view_settings import browser_settings


@pytest.fixture
def view():
    view = LiveView()
    view.said = []
    view.send = lambda content, buffers=None: view.said.append(content)
    return view


def tell(view, kind, *buffers, run="1", **content):
    """Tell what a browser tells."""
    view._handle_custom_msg(
        {"kind": kind, "run": run, **content}, [memoryview(each) for each in buffers]
    )


def block(*indexes):
    rows = [
        {
            "session": 0,
            "frame_index": index,
            "video_frame": index,
            "size_bytes": 9,
            "scheduled_ms": 10.0 * index,
            "sent_ms": 10.0 * index + 1,
            "answered_ms": 10.0 * index + 8,
            "round_trip_ms": 8.0,
            "fate": "processed",
            "result": {"detections": []},
        }
        for index in indexes
    ]
    return gzip.compress("".join(json.dumps({"row": row}) + "\n" for row in rows).encode())


INFO = {
    "client": "browser",
    "video": "camera",
    "pipeline_id": "yolo_ocr",
    "fps": 15,
    "video_fps": 30,
}


def begin(view, run="1"):
    tell(view, "begin", run=run, info=INFO)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"fps": 0}, "fps=0: a finite number above 0, at most 60"),
        ({"fps": 61}, "fps=61"),
        ({"fps": None}, "fps=None: a number is allowed"),
        ({"width": 4}, "width=4: a whole number from 16 to 8192"),
        ({"quality": 101}, "quality=101: a whole number from 1 to 100"),
        ({"drop_threshold": 2}, "drop_threshold=2: a number from 0 to 1"),
        ({"waiting_frames": 0}, "waiting_frames=0: a whole number from 1 to 1000"),
        ({"window_s": 0}, "window_s=0: a number of seconds"),
        ({"drop_threshold": 0.5, "slowdown_threshold": 0.1}, "slowdown_threshold=0.1"),
        ({"min_score": 1.5}, "min_score=1.5: a number from 0 to 1"),
        ({"min_score": None}, "min_score=None: a number from 0 to 1"),
        ({"labels": {"person": 1}}, "labels={'person': 1}: a list of names is allowed"),
        ({"labels": [3]}, "labels=[3]: a list of names is allowed"),
        ({"rate": 15}, "rate=15: no such setting; there are: source, "),
        ({"source": 3}, "'source' trait"),
    ],
)
def test_a_setting_that_is_not_allowed_is_refused_in_one_line(settings, words):
    with pytest.raises(StreamlabError) as caught:
        LiveView(**settings)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_trait_is_held_to_the_same_limits(view):
    with pytest.raises(traitlets.TraitError, match="fps=500"):
        view.fps = 500
    view.fps = 20
    view.slowdown_threshold = 0.05  # under the server's drop threshold: that one may follow
    assert (view.fps, view.slowdown_threshold) == (20, 0.05)


def test_which_detections_are_shown_is_a_trait(view):
    view.min_score, view.labels = 0.4, ["person", "cup"]
    assert (view.min_score, view.labels) == (0.4, ["person", "cup"])
    with pytest.raises(traitlets.TraitError, match="min_score=2"):
        view.min_score = 2
    with pytest.raises(traitlets.TraitError, match="labels"):
        view.labels = [3]
    view.labels = "person"
    assert view.labels == LiveView(labels="person").labels == ["person"]
    view.labels = None
    assert view.labels is None


def test_its_status_is_never_behind_what_the_notebook_has_asked_for(view):
    assert view.status == "stopped"
    view.start()
    assert view.status == "starting"
    view.set_state({"status": "streaming", "metrics": {"sent": 1}, "session_id": "1"})
    view.stop()
    assert (view.status, view.running) == ("stopping", False)
    view.set_state({"status": "stopped"})
    view.running = True
    assert view.status == "starting"
    assert LiveView(running=True).status == "starting"


def test_a_view_that_nobody_shows_has_nothing_to_wait_for_when_it_is_stopped(view):
    view.start()
    view.stop()
    assert view.status == "stopped"


def test_what_the_browser_has_begun_or_ended_is_as_the_browser_says(view):
    view.set_state({"running": True, "status": "loading"})
    assert view.status == "loading"
    view.set_state({"running": False})
    assert view.status == "loading"


def test_a_run_that_the_notebook_starts_has_nothing_of_the_one_before(view):
    begin(view)
    tell(view, "block", block(0, 1))
    view.set_state({"status": "stopped", "metrics": {"sent": 2}, "session_id": "1", "error": "no"})
    view.set_state({"state": "critical"})
    view.start()
    assert (view.metrics, view.session_id, view.error, view.state) == ({}, "", "", "normal")
    with pytest.raises(RecordingError, match="no frame has been answered yet"):
        view.recording  # noqa: B018
    tell(view, "block", block(2))
    with pytest.raises(RecordingError, match="no frame has been answered yet"):
        view.recording  # noqa: B018


def test_settings_begin_as_the_browsers_part_has_them():
    view = LiveView()
    for name, setting in browser_settings().items():
        assert getattr(view, name) == setting["default"]


def test_before_anything_was_streamed_that_is_what_is_said(view):
    for ask in (lambda: view.recording, view.snapshot):
        with pytest.raises(RecordingError, match="nothing has been streamed yet"):
            ask()
    begin(view)
    for ask in (lambda: view.recording, view.snapshot):
        with pytest.raises(RecordingError, match="no frame has been answered yet"):
            ask()


def test_its_recording_is_what_was_told_so_far(view):
    begin(view)
    tell(view, "block", block(0, 1))
    assert view.recording.frames["frame_index"].tolist() == [0, 1]
    tell(view, "block", block(2))
    recording = view.recording
    assert isinstance(recording, Recording)
    assert recording.frames["frame_index"].tolist() == [0, 1, 2]
    assert recording.info["video"] == "camera"


def test_of_a_webcam_no_pictures_were_kept_and_how_to_keep_them_is_said(
    view, tmp_path, monkeypatch
):
    begin(view)
    tell(view, "block", block(0, 1))
    recording = view.recording
    saved = Recording.load(recording.save(tmp_path / "webcam.jsonl.gz"))
    # a file that happens to have that name is not what was seen
    monkeypatch.chdir(tmp_path)
    (tmp_path / "camera").write_bytes(b"x")
    for made in (recording, saved):
        uses = (Recording.show, Recording.strip, attrgetter("truth"), tune_detection)
        for use in uses:
            with pytest.raises(RecordingError) as caught:
                use(made)
            told = str(caught.value)
            assert "it is of a webcam, and no pictures of it were kept" in told
            assert "snapshot()" in told
            assert 'lab.stream("clip.mp4")' in told


def test_of_a_file_that_the_browser_read_pictures_are_shown_once_it_is_known_where_it_is(view):
    told = {**INFO, "video": "holiday.mp4"}
    tell(view, "begin", info=told)
    tell(view, "block", block(0, 1))
    recording = view.recording
    with pytest.raises(RecordingError, match=r"'holiday\.mp4', which the browser read"):
        recording.show(0)
    recording.info["video"] = str(sample_path("gate_easy"))
    assert recording.show(0).images
    tell(view, "begin", info={**INFO, "video": "gate_easy"})
    tell(view, "block", block(0, 1))
    assert view.recording.show().images


def test_another_run_begins_another_recording_and_the_last_words_of_the_old_one_are_not_its(view):
    begin(view)
    tell(view, "block", block(0, 1))
    begin(view, run="2")
    tell(view, "block", block(2), run="1")
    tell(view, "block", block(0), run="2")
    assert view.recording.frames["frame_index"].tolist() == [0]


def test_what_makes_no_sense_is_left_alone(view):
    view._handle_custom_msg("nonsense", [])
    tell(view, "block", block(0))
    begin(view)
    tell(view, "block", b"no gzip")
    tell(view, "block")
    tell(view, "picture")
    tell(view, "block", block(0))
    with pytest.warns(UserWarning, match="1 of the blocks .* came damaged") as caught:
        assert len(view.recording.frames) == 1
    assert caught[0].filename == __file__, "it names the line that asked for the recording"


def test_a_snapshot_is_the_frame_with_its_answer_and_the_browser_is_told_that_it_came(
    view, tmp_path
):
    image = next(read_frames(sample_path("gate_easy")))
    found = {"x": 40, "y": 60, "width": 100, "height": 80, "label": "plate", "text": "AB-123"}
    begin(view)
    told = {"session": 0, "frame_index": 7, "age_ms": 40.0, "result": {"detections": [found]}}
    tell(view, "picture", encode(image), **told)
    assert view.said == [{"kind": "picture_taken"}]
    snapshot = view.snapshot()
    assert (snapshot.frame_index, snapshot.result) == (7, {"detections": [found]})
    assert snapshot.frame.shape == image.shape
    assert (snapshot.annotated != snapshot.frame).any()
    path = snapshot.save(tmp_path / "frame.png")
    assert path.read_bytes() == snapshot._repr_png_()
    with pytest.raises(StreamlabError, match="cannot be written"):
        snapshot.save(tmp_path / "nowhere" / "frame.png")


def test_a_view_of_a_labs_own_server_tells_its_token_to_who_asks_and_shares_it_with_nobody():
    view = LiveView(Lab("http://127.0.0.1:1234", "secret", "a lab"), source="gate_easy")
    view.said = []
    view.send = view.said.append
    state = view.get_state()
    assert state["server_url"] == "http://127.0.0.1:1234"
    assert "secret" not in repr(state)
    view._handle_custom_msg({"kind": "hello"}, [])
    assert view.said == [{"kind": "token", "token": "secret"}]
    assert LiveView().get_state()["server_url"] == ""


def test_it_is_one_of_the_names_of_the_package():
    assert streamlab.LiveView is LiveView
    assert issubclass(OptionError, StreamlabError)


def test_the_pipeline_follows_the_source_until_one_is_chosen():
    view = LiveView()
    assert view.pipeline_id == "everyday"
    for source, pipeline_id in [
        ("gate_easy", "yolo_ocr"),
        ("photographs", "everyday"),
        ("file", "everyday"),
        ("camera", "everyday"),
    ]:
        view.source = source
        assert view.pipeline_id == pipeline_id, source
    view.pipeline_id = "noop"
    view.source = "gate_easy"
    assert view.pipeline_id == "noop"


@pytest.mark.parametrize("pipeline_id", ["yolo_ocr", "everyday", "own"])
def test_a_pipeline_that_is_given_stays_whatever_the_source(pipeline_id):
    view = LiveView(source="gate_easy", pipeline_id=pipeline_id)
    for source in ("camera", "gate_sparse"):
        view.source = source
        assert view.pipeline_id == pipeline_id


def test_a_source_that_is_given_has_its_pipeline_and_so_has_one_that_the_browser_chose():
    view = LiveView(source="conveyor_fast")
    assert view.pipeline_id == "yolo_ocr"
    view.set_state({"source": "photographs", "pipeline_id": "everyday"})
    assert (view.pipeline_id, view.pipeline_chosen) == ("everyday", False)
    view.set_state({"pipeline_id": "yolo_ocr", "pipeline_chosen": True})
    view.source = "camera"
    assert view.pipeline_id == "yolo_ocr"


def test_a_pipeline_that_the_labs_server_does_not_have_is_refused():
    with streamlab.connect(where="kernel", workers=1) as lab:
        with pytest.raises(StreamlabError, match=r"pipeline_id='zzz': .* there are: .*yolo_ocr"):
            LiveView(lab, pipeline_id="zzz")
        view = LiveView(lab, source="gate_easy")
        with pytest.raises(traitlets.TraitError, match="pipeline_id='zzz'"):
            view.pipeline_id = "zzz"
        view.pipeline_id = "noop"
        assert view.pipeline_id == "noop"
