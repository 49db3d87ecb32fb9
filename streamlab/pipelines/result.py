"""What a pipeline answers for one frame, as plain data."""

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


def to_plain(value: Any) -> Any:
    """Turn what a tool produced into what JSON makes of it: dicts, lists, strings and numbers.

    NumPy scalars and arrays become numbers and lists, structs and dataclasses dicts, NaN None.
    Raises `TypeError`, `ValueError` or `RecursionError` for what has no JSON form.
    """
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=_from_numpy))


def _from_numpy(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} has no JSON form")
