"""The same weights as `.pt` and as `.onnx` must find the same things."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from streamlab.errors import ToolUnavailableError, WeightsError
from streamlab.media.video import read_frames
from streamlab.models.devices import installed_devices
from streamlab.models.fetch import export
from streamlab.models.weights import BUNDLED_WEIGHTS
from streamlab.tools.yolo import YoloDetect, YoloParams

ultralytics = pytest.importorskip("ultralytics", reason="needs jupyter-streamlab[ultralytics]")

CHECKPOINT = BUNDLED_WEIGHTS.with_suffix(".pt")
CLIP = Path(__file__).parents[2] / "data" / "sample_videos" / "gate_easy.mp4"


@pytest.fixture(scope="module")
def frames():
    """Frames of three shapes, with things in them."""
    found = []
    for frame in islice(read_frames(CLIP), 0, 240, 40):
        found += [frame, frame[:300, :600], np.ascontiguousarray(frame[:, 100:450])]
    return found


def detector(path, **params):
    tool = YoloDetect(YoloParams(weights=str(path), **params))
    tool.load()
    return tool


def boxes(detections):
    return np.array(
        [[d.x, d.y, d.x + d.width, d.y + d.height, d.score] for d in detections]
    ).reshape(-1, 5)


def test_pt_and_onnx_weights_give_the_same_detections(frames):
    pt, onnx = detector(CHECKPOINT, image_size=(256, 320)), detector(BUNDLED_WEIGHTS)
    total = 0
    for frame in frames:
        first, second = pt.detect(frame), onnx.detect(frame)
        assert [d.label for d in first] == [d.label for d in second]
        np.testing.assert_allclose(boxes(first), boxes(second), atol=0.2)
        total += len(first)
    assert total > 50


def test_frames_of_the_usual_shape_need_no_size_for_that(frames):
    pt, onnx = detector(CHECKPOINT), detector(BUNDLED_WEIGHTS)
    for frame in frames[::3]:
        np.testing.assert_allclose(boxes(pt.detect(frame)), boxes(onnx.detect(frame)), atol=0.2)


def test_pt_weights_find_what_ultralytics_itself_finds_with_them(frames):
    # the head's own boxes, before copies are suppressed
    ours = detector(CHECKPOINT, image_size=320, iou_threshold=1.0)
    model = ultralytics.YOLO(CHECKPOINT)
    for frame in frames:
        # `nms=False` is the NMS-free head, which the ONNX file has too.
        [result] = model.predict(frame, imgsz=320, conf=0.25, nms=False, verbose=False)
        expected = result.boxes.data.numpy()
        expected = expected[np.argsort(-expected[:, 4], kind="stable")]
        np.testing.assert_allclose(boxes(ours.detect(frame)), expected[:, :5], atol=0.2)


def test_a_file_that_is_no_checkpoint_is_refused_in_one_line(tmp_path):
    path = tmp_path / "broken.pt"
    path.write_bytes(b"PK\x03\x04 not a checkpoint")
    with pytest.raises(ToolUnavailableError, match="not usable as weights") as caught:
        detector(path)
    assert "\n" not in str(caught.value)


def test_a_model_for_another_task_is_refused(tmp_path):
    path = tmp_path / "classes.pt"
    ultralytics.YOLO("yolo26n-cls.yaml").save(path)
    with pytest.raises(ToolUnavailableError, match="'classify', which 'yolo_classify' runs"):
        detector(path)


def test_fetched_weights_are_exported_for_frames_of_any_size(tmp_path, frames):
    path = tmp_path / "yolo26n.pt"
    ultralytics.YOLO("yolo26n.yaml").save(path)
    exported = export(path)
    assert exported == tmp_path / "yolo26n.onnx"
    tool = detector(exported, image_size=(256, 320), score_threshold=0.0, max_detections=5)
    assert tool.detector.network.description.needs_no_nms
    assert len(tool.detect(frames[0])) == 5
    # its head chooses 300 boxes, and there are not as many places for one
    for device in {"cpu", "openvino"} & set(installed_devices()):
        with pytest.raises(ToolUnavailableError, match=r"does not run at 96x128|it answers") as e:
            detector(exported, image_size=(96, 128), device=device)
        assert "\n" not in str(e.value)


def test_weights_that_cannot_be_exported_are_told_in_one_line(tmp_path):
    path = tmp_path / "yolo26n.pt"
    path.write_bytes(b"PK no checkpoint")
    with pytest.raises(WeightsError, match="not exported to ONNX") as caught:
        export(path)
    assert "\n" not in str(caught.value)
    assert not path.with_suffix(".onnx").exists()
