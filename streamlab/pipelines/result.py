"""What a pipeline answers for one frame, as plain data."""

from collections.abc import Iterable
from typing import Any

import msgspec


class FrameResult(msgspec.Struct, frozen=True):
    """The answer for one frame.

    `result` maps names to plain data (for `yolo_ocr`: `detections` and `text`), `decode_ms` is the
    time to decode the JPEG and `nodes_ms` the time of each node, by its id.
    """

    frame_index: int
    result: dict[str, Any]
    decode_ms: float
    nodes_ms: dict[str, float]

    @property
    def total_ms(self) -> float:
        """Decoding and all nodes together, milliseconds."""
        return self.decode_ms + sum(self.nodes_ms.values())


class EncodedResult(msgspec.Struct, frozen=True):
    """The answer for one frame as a worker sends it; `result` is JSON, the rest as above."""

    result: bytes
    decode_ms: float
    nodes_ms: dict[str, float]


def encode_value(value: Any) -> bytes:
    """Encode what a tool produced as JSON.

    NumPy scalars and arrays become numbers and lists, structs and dataclasses objects, NaN null.
    Raises `TypeError`, `ValueError` or `RecursionError` for what has no JSON form.
    """
    return msgspec.json.encode(value, enc_hook=_from_numpy)


def joined_lists(lists: Iterable[bytes]) -> bytes:
    """Return one JSON list of the items of several.

    >>> joined_lists([b"[1,2]", b"[]", b"[3]"])
    b'[1,2,3]'
    """
    return b"[" + b",".join(each[1:-1] for each in lists if each != b"[]") + b"]"


def _from_numpy(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} has no JSON form")
