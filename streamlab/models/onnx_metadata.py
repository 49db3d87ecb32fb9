"""What an ONNX file says about itself, read without loading the network.

An ONNX file is one protobuf message, `ModelProto` of
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. The graph with its weights is one field of
it, which is skipped by its length; the metadata are some hundred bytes beside it.
"""

import ast
import io
from pathlib import Path
from typing import BinaryIO

METADATA_PROPS = 14
"""Field of `ModelProto`: an entry of a map from text to text, itself a message."""
KEY, VALUE = 1, 2
"""Fields of such an entry."""

MAX_FIELDS = 10_000
MAX_METADATA_BYTES = 1 << 20
"""What is read of a file at most; the names of a thousand classes take some 20 kB."""
MAX_VARINT_BYTES = 10

_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5


def class_names(path: Path) -> tuple[str, ...] | None:
    """Return the names of a model's classes, in order of their index.

    That is what Ultralytics writes into the files that it exports. None for a file that says
    nothing of the kind, is no ONNX file or cannot be read.
    """
    try:
        with path.open("rb") as file:
            metadata = read_metadata(file)
    except OSError:
        return None
    return None if metadata is None else parse_names(metadata.get("names", ""))


def parse_names(text: str) -> tuple[str, ...] | None:
    """Parse the names of classes, a Python dict from index to name; None for anything else.

    >>> parse_names("{1: 'plate', 0: 'vehicle'}")
    ('vehicle', 'plate')
    """
    try:
        names = ast.literal_eval(text)
        ordered = sorted((int(index), str(name)) for index, name in names.items())
    except (ValueError, TypeError, AttributeError, SyntaxError, RecursionError, MemoryError):
        return None
    return tuple(name for _, name in ordered) or None


def read_metadata(file: BinaryIO) -> dict[str, str] | None:
    """Return the metadata of an ONNX file, opened at its start; None for what is no protobuf.

    Reads at most `MAX_FIELDS` field headers and `MAX_METADATA_BYTES` of metadata.
    """
    size = file.seek(0, 2)
    file.seek(0)
    metadata: dict[str, str] = {}
    budget = MAX_METADATA_BYTES
    try:
        for _ in range(MAX_FIELDS):
            if file.tell() == size:
                return metadata
            field, wire_type = _read_tag(file)
            length = _length(file, wire_type)
            if length > size - file.tell():
                return None
            if field == METADATA_PROPS and wire_type == _BYTES and length <= budget:
                budget -= length
                key, value = _entry(file.read(length))
                metadata[key] = value
            else:
                file.seek(length, 1)
    except ValueError:
        pass
    return None


def _entry(data: bytes) -> tuple[str, str]:
    texts = {KEY: "", VALUE: ""}
    file = io.BytesIO(data)
    while file.tell() < len(data):
        field, wire_type = _read_tag(file)
        length = _length(file, wire_type)
        content = file.read(length)
        if len(content) < length:
            raise ValueError("cut off")
        if field in texts and wire_type == _BYTES:
            texts[field] = content.decode()
    return texts[KEY], texts[VALUE]


def _read_tag(file: BinaryIO) -> tuple[int, int]:
    tag = _read_varint(file)
    if not tag >> 3:
        raise ValueError("a field without a number")
    return tag >> 3, tag & 7


def _length(file: BinaryIO, wire_type: int) -> int:
    """Return how many bytes of the field follow; a varint has been read by then."""
    if wire_type == _VARINT:
        _read_varint(file)
        return 0
    if wire_type == _BYTES:
        return _read_varint(file)
    if wire_type in (_FIXED_64, _FIXED_32):
        return 8 if wire_type == _FIXED_64 else 4
    raise ValueError(f"wire type {wire_type}")


def _read_varint(file: BinaryIO) -> int:
    value = 0
    for position in range(MAX_VARINT_BYTES):
        byte = file.read(1)
        if not byte:
            break
        value |= (byte[0] & 0x7F) << (7 * position)
        if byte[0] < 0x80:
            return value
    raise ValueError("a number that does not end")
