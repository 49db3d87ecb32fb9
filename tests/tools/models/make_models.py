"""Writes the tiny networks that the tests run; needs the package `onnx`.

Each ignores its picture and answers what `ANSWERS` says, in one of the forms in which Ultralytics
exports its models, or another maker might.
"""

import json
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


def end_to_end(rows, extras=None):
    """(1, N, 6 + more), padded with rows that say nothing, as top-k selection does."""
    whole = rows if extras is None else np.concatenate([rows, extras], axis=1)
    padded = np.zeros((1, 8, whole.shape[1]), np.float32)
    padded[0, : len(rows)] = whole
    return padded


def raw(rows):
    """(1, 4 + classes, anchors): centre, size, one score for each class."""
    columns = np.zeros((1, 4 + len(NAMES), 12), np.float32)
    for i, (x1, y1, x2, y2, score, index) in enumerate(rows):
        columns[0, :4, i] = (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
        columns[0, 4 + int(index), i] = score
    return columns


def raw_with(rows, extras):
    """(1, 4 + classes + more, anchors): the same, with what a task adds to each box."""
    columns = raw(rows)
    more = np.zeros((1, extras.shape[1], columns.shape[2]), np.float32)
    more[0, :, : len(rows)] = extras.T
    return np.concatenate([columns, more], axis=1)


# Two prototypes, a quarter of the input's size: everything, and a hole in the middle of the box.
PROTOTYPES = np.ones((1, 2, HEIGHT // 4, WIDTH // 4), np.float32)
PROTOTYPES[0, 1] = 0
PROTOTYPES[0, 1, 5:7, 7:9] = -8
MASKS = np.array([[1, 1], [1, 1], [1, 0], [-1, 0]], np.float32)

# Three keypoints of each box: its left top, its middle, its right bottom.
KEYPOINTS = np.concatenate(
    [
        np.stack([ANSWERS[:, 0], ANSWERS[:, 1], np.full(4, 0.9)], 1),
        np.stack([ANSWERS[:, [0, 2]].mean(1), ANSWERS[:, [1, 3]].mean(1), np.full(4, 0.5)], 1),
        np.stack([ANSWERS[:, 2], ANSWERS[:, 3], np.full(4, 0.1)], 1),
    ],
    axis=1,
).astype(np.float32)

# Centre, size, score, class, angle: upright, its copy, and one that is turned by 30 degrees.
ROTATED = np.array(
    [
        [32, 24, 32, 16, 0.9, 0, 0],
        [33, 24, 32, 16, 0.8, 0, 0.02],
        [32, 24, 32, 16, 0.7, 1, np.pi / 6],
    ],
    np.float32,
)


def rotated_columns():
    columns = np.zeros((1, 4 + len(NAMES) + 1, 12), np.float32)
    for i, (*box, score, index, angle) in enumerate(ROTATED):
        columns[0, :4, i] = box
        columns[0, 4 + int(index), i] = score
        columns[0, -1, i] = angle
    return columns


def with_objectness(rows):
    """(1, N, 5 + classes): centre, size, how likely it is anything, and the classes."""
    columns = raw(rows)[0]
    likely = np.full((1, columns.shape[1]), 0.9, np.float32)
    return np.concatenate([columns[:4], likely, columns[4:] / 0.9]).T[None]


def queries(rows):
    """Boxes (1, N, 4), shares of the input, and logits (1, N, classes)."""
    columns = raw(rows)[0]
    boxes = (columns[:4].T / [WIDTH, HEIGHT, WIDTH, HEIGHT]).astype(np.float32)
    scores = columns[4:].T.clip(1e-4, 1 - 1e-4)
    return boxes[None], np.log(scores / (1 - scores))[None].astype(np.float32)


def write(
    name,
    *answers,
    size=(HEIGHT, WIDTH),
    half=False,
    metadata=True,
    task="detect",
    outputs=("output0", "output1"),
    layout="NCHW",
    **facts,
):
    kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    dtype = np.float16 if half else np.float32
    shape = [1, 3, *size] if layout == "NCHW" else [1, *size, 3]
    names = outputs[: len(answers)]
    nodes, ports, constants = [], [], [numpy_helper.from_array(np.zeros((), dtype), "zero")]
    for output, answer in zip(names, answers, strict=True):
        nodes.append(helper.make_node("Add", [f"{output}_answer", "nothing"], [output]))
        ports.append(helper.make_tensor_value_info(output, kind, answer.shape))
        constants.append(numpy_helper.from_array(answer.astype(dtype), f"{output}_answer"))
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMax", ["images"], ["largest"], keepdims=0),
            helper.make_node("Mul", ["largest", "zero"], ["nothing"]),
            *nodes,
        ],
        name,
        [helper.make_tensor_value_info("images", kind, shape)],
        ports,
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    if metadata:
        facts = {
            "task": task,
            "names": str(NAMES),
            "stride": "32",
            "imgsz": str([HEIGHT, WIDTH]),
            **facts,
        }
        for key, value in facts.items():
            model.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(model)
    onnx.save(model, Path(__file__).with_name(f"{name}.onnx"))


def describe(name, **description):
    """Write the description beside a file of another maker."""
    text = json.dumps({"names": list(NAMES.values()), **description}, indent=2)
    Path(__file__).with_name(f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    write("end_to_end", end_to_end(ANSWERS))
    write("raw", raw(ANSWERS))
    write("dynamic", raw(ANSWERS), size=("height", "width"))
    write("half", end_to_end(ANSWERS), half=True)
    write("foreign", end_to_end(ANSWERS), metadata=False)
    write("segment", raw_with(ANSWERS, MASKS), PROTOTYPES, task="segment")
    write("segment_rows", end_to_end(ANSWERS, MASKS), PROTOTYPES, task="segment", half=True)
    write("segment_alone", raw_with(ANSWERS, MASKS), task="segment")
    write("pose", raw_with(ANSWERS, KEYPOINTS), task="pose", kpt_shape="[3, 3]")
    write("pose_rows", end_to_end(ANSWERS, KEYPOINTS), task="pose", kpt_shape="[3, 3]")
    places = KEYPOINTS.reshape(4, 3, 3)[..., :2].reshape(4, 6)
    # as many channels as it has anchors
    facts = {"kpt_shape": "[3, 2]", "end2end": "False"}
    write("pose_places", raw_with(ANSWERS, places), task="pose", **facts)
    write("obb", rotated_columns(), task="obb")
    write("obb_rows", ROTATED[None], task="obb")
    write("classify", np.array([[0.25, 0.75]], np.float32), size=(64, 64), task="classify")
    write("depth", raw(ANSWERS), task="depth")
    # Six rows of six: as many as a raw head of two classes has channels.
    six_rows = end_to_end(ANSWERS)[:, :6]
    write("six_rows", six_rows, end2end="True", args="{'nms': False}")
    write("six_columns", raw(ANSWERS)[:, :, :6], end2end="False", args="{'nms': None}")

    write("yolov5", with_objectness(ANSWERS), metadata=False)
    describe("yolov5", output={"layout": "yolov5"})
    write("rows_first", raw(ANSWERS).transpose(0, 2, 1), metadata=False, layout="NHWC")
    describe("rows_first", input={"layout": "NHWC"}, output={"layout": "yolov8"})
    boxes, logits = queries(ANSWERS)
    write("detr", boxes, logits, metadata=False, outputs=("pred_boxes", "logits"))
    described = {"layout": "detr", "boxes": "pred_boxes", "logits": "logits"}
    describe("detr", output=described, input={"fit": "stretch"}, licence="Apache-2.0")
