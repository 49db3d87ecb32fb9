import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import streamlab
from streamlab.models.onnx_metadata import (
    MAX_METADATA_BYTES,
    class_names,
    parse_names,
    read_metadata,
)

BUNDLED_WEIGHTS = Path(streamlab.__file__).with_name("weights") / "gate_conveyor.onnx"
MODELS = Path(__file__).parents[1] / "tools" / "models"
GRAPH_BYTES = 100 << 20


def varint(number):
    encoded = b""
    while number >= 0x80:
        encoded += bytes([number & 0x7F | 0x80])
        number >>= 7
    return encoded + bytes([number])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def entry(key, value):
    return field(14, field(1, key.encode()) + field(2, value.encode()))


HEAD = b"\x08\x08" + field(2, b"pytorch")  # ir_version, producer_name
TAIL = entry("task", "detect") + entry("names", "{0: 'vehicle', 1: 'plate'}")
SMALL = HEAD + field(7, b"graph") + TAIL


def test_the_bundled_detectors_labels_are_read():
    assert class_names(BUNDLED_WEIGHTS) == ("vehicle", "plate", "parcel", "label")


def test_the_metadata_are_those_that_onnxruntime_reads():
    import onnxruntime

    session = onnxruntime.InferenceSession(str(BUNDLED_WEIGHTS))
    with BUNDLED_WEIGHTS.open("rb") as file:
        assert read_metadata(file) == session.get_modelmeta().custom_metadata_map


def test_a_file_that_ultralytics_did_not_export_names_no_classes():
    assert class_names(MODELS / "foreign.onnx") is None
    assert class_names(MODELS / "gone.onnx") is None
    assert class_names(MODELS) is None


class Counting(io.FileIO):
    """A file that counts what is read of it."""

    read_bytes = 0

    def read(self, size=-1):
        data = super().read(size)
        self.read_bytes += len(data)
        return data


def test_the_graph_of_a_large_file_is_skipped(tmp_path):
    path = tmp_path / "large.onnx"
    with path.open("wb") as file:
        file.write(HEAD + varint(7 << 3 | 2) + varint(GRAPH_BYTES))
        file.seek(GRAPH_BYTES, 1)
        file.write(TAIL)
    with Counting(path) as file:
        assert read_metadata(file)["names"].startswith("{0: 'vehicle'")
        assert file.read_bytes < 200


def test_metadata_over_the_limit_are_skipped():
    data = SMALL + entry("names", "x" * MAX_METADATA_BYTES) + entry("stride", "32")
    metadata = read_metadata(io.BytesIO(data))
    assert metadata == {"task": "detect", "names": "{0: 'vehicle', 1: 'plate'}", "stride": "32"}


@pytest.mark.parametrize(
    "data",
    [
        b"no model at all",
        b"\x80" * 40,
        b"\x00\x00",
        SMALL[:-1],
        SMALL + b"\x3b",  # a group
        varint(7 << 3 | 2) + varint(1 << 62),
        field(14, b"\x0a\x7fcut off"),
        field(14, field(1, b"\xff\xfe")),
        b"\x08\x01" * 20_000,
    ],
)
def test_what_is_no_model_has_no_metadata(data):
    assert read_metadata(io.BytesIO(data)) is None


@given(st.binary(max_size=300), st.integers(0, len(SMALL)))
def test_any_bytes_give_metadata_or_none(noise, at):
    for data in (noise, SMALL[:at] + noise, SMALL[:at] + noise + SMALL[at:]):
        metadata = read_metadata(io.BytesIO(data))
        assert metadata is None or all(isinstance(value, str) for value in metadata.values())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{0: 'vehicle', 1: 'plate'}", ("vehicle", "plate")),
        ("{10: 'b', 2: 'a'}", ("a", "b")),
        ("{0: 'it\\'s, a \"cup\"'}", ('it\'s, a "cup"',)),
        ("{}", None),
        ("['vehicle']", None),
        ("{'x': 'y'}", None),
        ("{None: 1}", None),
        ("__import__('os').abort()", None),
        ("", None),
        ("(" * 5000, None),
        ("{0: " + "-" * 50_000 + "1}", None),
        ("\0", None),
    ],
)
def test_names_are_parsed_as_data_and_nothing_is_run(text, names):
    assert parse_names(text) == names


@given(st.dictionaries(st.integers(0, 2000), st.text(), min_size=1))
def test_names_come_in_order_of_their_index(names):
    assert parse_names(repr(names)) == tuple(names[index] for index in sorted(names))
