"""Files and frames go the same way."""

import pytest
from pictures import make_image

from streamlab.errors import InvalidPipelineError, VideoError
from streamlab.media import frames, samples, video
from streamlab.pipelines.video import VideoFilePipelineService


@pytest.fixture(scope="module")
def service():
    return VideoFilePipelineService()


@pytest.mark.parametrize("pipeline_id", ["yolo_ocr", "yolo", "ocr", "noop"])
def test_a_file_and_its_frames_have_the_same_results(service, pipeline_id):
    count = 40 if pipeline_id == "yolo_ocr" else 4
    path = samples.sample_path("gate_easy")
    from_file = list(service.run_on_file(path, pipeline_id, max_frames=count))
    frame_by_frame = VideoFilePipelineService(service.dag)
    images = video.read_frames(path)
    for index, done in enumerate(from_file):
        again = frame_by_frame.run_on_frame(pipeline_id, frames.encode(next(images)))
        assert done.frame_index == again.frame_index == index
        assert done.result == again.result
    if pipeline_id == "yolo_ocr":
        assert any(d.get("text") for d in from_file[-1].result["detections"])


def test_two_sessions_never_share_a_track(service):
    path = samples.sample_path("gate_easy")
    alone = [done.result for done in service.run_on_file(path, "yolo_ocr", max_frames=30)]
    one, two = VideoFilePipelineService(service.dag), VideoFilePipelineService(service.dag)
    other = video.read_frames(samples.sample_path("conveyor_fast"))
    for expected, image in zip(alone, video.read_frames(path), strict=False):
        assert one.run_on_frame("yolo_ocr", frames.encode(image)).result == expected
        two.run_on_frame("yolo_ocr", frames.encode(next(other)))


def test_a_stride_keeps_the_videos_own_count(service):
    path = samples.sample_path("gate_easy")
    done = list(service.run_on_file(path, "noop", frame_stride=7, max_frames=4))
    assert [each.frame_index for each in done] == [0, 7, 14, 21]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_frame_may_be_any_kind_of_bytes(service, jpeg, kind):
    assert service.run_on_frame("noop", kind(jpeg)).result == {}


@pytest.mark.parametrize("pipeline_id", ["magic", "", None, [], 3])
def test_what_is_no_pipeline_is_not_valid(service, pipeline_id):
    assert not service.is_valid_pipeline(pipeline_id)


@pytest.mark.parametrize(("stride", "most"), [(0, None), (-1, None), (1.5, None), (1, 0)])
def test_a_stride_or_maximum_below_one_is_refused(service, stride, most):
    with pytest.raises(ValueError, match="from 1 up is allowed"):
        service.run_on_file("video.mp4", "noop", stride, most)


def test_what_cannot_be_run_is_told(service, tmp_path):
    with pytest.raises(InvalidPipelineError):
        service.run_on_file("video.mp4", "magic")
    with pytest.raises(VideoError):
        list(service.run_on_file(tmp_path / "none.mp4", "noop"))


def test_an_empty_picture_has_no_detections_and_no_text(service):
    done = service.run_on_frame("yolo_ocr", frames.encode(make_image() // 8))
    assert done.result == {"detections": [], "text": ""}
