"""Writes the tiny networks that the tests run; needs the package `onnx`.

Each ignores its picture and answers what `ANSWERS` says, in one of the forms in which Ultralytics
exports detection models.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HEIGHT, WIDTH = 64, 96
NAMES = {0: "vehicle", 1: "plate"}
# x1, y1, x2, y2 in pixels of the input, score, class; the second is the first again, less sure.
ANSWERS = np.array(
    [
        [16, 16, 48, 32, 0.9, 0],
        [17, 16, 49, 32, 0.8, 0],
        [17, 16, 49, 32, 0.7, 1],
        [80, 40, 104, 72, 0.3, 1],
    ],
    np.float32,
)


def end_to_end(rows):
    """(1, N, 6), padded with rows that say nothing, as top-k selection does."""
    padded = np.zeros((1, 8, 6), np.float32)
    padded[0, : len(rows)] = rows
    return padded


def raw(rows):
    """(1, 4 + classes, anchors): centre, size, one score for each class."""
    columns = np.zeros((1, 4 + len(NAMES), 12), np.float32)
    for i, (x1, y1, x2, y2, score, index) in enumerate(rows):
        columns[0, :4, i] = (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
        columns[0, 4 + int(index), i] = score
    return columns


def write(name, answer, *, size=(HEIGHT, WIDTH), half=False, metadata=True, task="detect"):
    kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    answer = answer.astype(np.float16 if half else np.float32)
    dtype = np.float16 if half else np.float32
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMax", ["images"], ["largest"], keepdims=0),
            helper.make_node("Mul", ["largest", "zero"], ["nothing"]),
            helper.make_node("Add", ["answer", "nothing"], ["output0"]),
        ],
        name,
        [helper.make_tensor_value_info("images", kind, [1, 3, *size])],
        [helper.make_tensor_value_info("output0", kind, answer.shape)],
        [
            numpy_helper.from_array(answer, "answer"),
            numpy_helper.from_array(np.zeros((), dtype), "zero"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    if metadata:
        facts = {
            "task": task,
            "names": str(NAMES),
            "stride": "32",
            "imgsz": str([HEIGHT, WIDTH]),
        }
        for key, value in facts.items():
            model.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(model)
    onnx.save(model, Path(__file__).with_name(f"{name}.onnx"))


if __name__ == "__main__":
    write("end_to_end", end_to_end(ANSWERS))
    write("raw", raw(ANSWERS))
    write("dynamic", raw(ANSWERS), size=("height", "width"))
    write("half", end_to_end(ANSWERS), half=True)
    write("segment", end_to_end(ANSWERS), task="segment")
    write("foreign", end_to_end(ANSWERS), metadata=False)
