"""The convolutional part of the network, from TensorFlow's operations to ONNX's.

TensorFlow's convolutions take channels last and the graph transposes before and after each; here
everything stays channels first and those transpositions vanish. Zero padding and biases, which
are nodes of their own there, become attributes and inputs of `Conv`. The sizes that the graph
resizes to hold for one size of the input; they become factors, so that the result takes any.
"""

from __future__ import annotations

from typing import NamedTuple

from training.nanodet.builder import GraphBuilder
from training.nanodet.source import Node, SourceError, TensorFlowGraph

SOURCE_SIDE_PX = 416
"""Height and width of the input that the graph is written for."""
_CHANNELS_FIRST, _CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]


class Features(NamedTuple):
    """An ONNX tensor (1, channels, height / stride, width / stride)."""

    tensor: str
    stride: int


class Layers:
    """Translates the nodes that an output depends on; each one once."""

    def __init__(self, source: TensorFlowGraph, builder: GraphBuilder, image: str) -> None:
        self._source = source
        self._builder = builder
        self._done = {
            node.name: Features(image, 1)
            for node in source.nodes.values()
            if node.kind == "Placeholder"
        }
        self._translations = {
            "Transpose": self._transpose,
            "Conv2D": self._convolution,
            "Add": self._add,
            "MaxPool": self._max_pool,
            "LeakyRelu": self._leaky_relu,
            "ConcatV2": self._concatenate,
            "ResizeBilinear": self._resize,
        }

    def translate(self, name: str) -> Features:
        """Return what a node of the source puts out."""
        if name not in self._done:
            node = self._source.nodes[name]
            if node.kind not in self._translations:
                raise SourceError(f"{name}: the operation {node.kind} is not known here")
            self._done[name] = self._translations[node.kind](node)
        return self._done[name]

    def _transpose(self, node: Node) -> Features:
        order = self._source.weights[node.inputs[1]].tolist()
        if order not in (_CHANNELS_FIRST, _CHANNELS_LAST):
            raise SourceError(f"{node.name}: transposes by {order}")
        return self.translate(node.inputs[0])

    def _add(self, node: Node) -> Features:
        first, second = node.inputs
        if second in self._source.weights:
            return self._convolution(self._source.nodes[first], second)
        one, other = self.translate(first), self.translate(second)
        return Features(self._builder.add("Add", [one.tensor, other.tensor]), one.stride)

    def _convolution(self, node: Node, bias: str | None = None) -> Features:
        weights = self._source.weights
        inputs = [self._builder.weights(weights[node.inputs[1]].transpose(3, 2, 0, 1))]
        if bias is not None:
            inputs.append(self._builder.weights(weights[bias]))
        return self._windowed("Conv", node, weights[node.inputs[1]].shape[:2], inputs)

    def _max_pool(self, node: Node) -> Features:
        return self._windowed("MaxPool", node, node.integers("ksize")[1:3], [])

    def _windowed(
        self, kind: str, node: Node, window: list[int] | tuple[int, ...], others: list[str]
    ) -> Features:
        if node.text("padding") != "VALID":
            raise SourceError(f"{node.name}: padding is expected in a node of its own")
        unpadded, pads = self._without_padding(node.inputs[0])
        features = self.translate(unpadded)
        strides = node.integers("strides")[1:3]
        tensor = self._builder.add(
            kind,
            [features.tensor, *others],
            kernel_shape=list(window),
            strides=strides,
            pads=pads,
        )
        return Features(tensor, features.stride * strides[0])

    def _without_padding(self, name: str) -> tuple[str, list[int]]:
        """Return the node that is padded into this one, and ONNX's `pads`: zeros if none is."""
        node = self._source.nodes[name]
        if node.kind == "Transpose":
            return self._without_padding(node.inputs[0])
        if node.kind not in ("Pad", "PadV2"):
            return name, [0, 0, 0, 0]
        # Rows are batch, channels, height, width; columns are before and after.
        amounts = self._source.weights[node.inputs[1]]
        return node.inputs[0], [int(side) for side in amounts[2:].T.ravel()]

    def _leaky_relu(self, node: Node) -> Features:
        features = self.translate(node.inputs[0])
        tensor = self._builder.add("LeakyRelu", [features.tensor], alpha=node.number("alpha"))
        return Features(tensor, features.stride)

    def _concatenate(self, node: Node) -> Features:
        *names, axis = node.inputs
        if self._source.weights[axis] != 1:
            raise SourceError(f"{node.name}: concatenates something else than channels")
        parts = [self.translate(name) for name in names]
        tensor = self._builder.add("Concat", [part.tensor for part in parts], axis=1)
        return Features(tensor, parts[0].stride)

    def _resize(self, node: Node) -> Features:
        features = self.translate(node.inputs[0])
        stride = SOURCE_SIDE_PX // int(self._source.weights[node.inputs[1]][0])
        factor = features.stride / stride
        tensor = self._builder.add(
            "Resize",
            [features.tensor, "", self._builder.constant([1, 1, factor, factor])],
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )
        return Features(tensor, stride)
