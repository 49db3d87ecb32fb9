"""ONNX nodes and constants, one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import GraphProto, TensorProto, ValueInfoProto, helper, numpy_helper


class GraphBuilder:
    """Collects the nodes of an ONNX graph; every method returns the name of its first output."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[TensorProto] = []

    def add(self, kind: str, inputs: list[str], outputs: int = 1, **attributes: Any) -> str:
        """Add a node; with several outputs, the others are the first one's name and `_1`, ..."""
        name = f"{kind.lower()}_{len(self._nodes)}"
        names = [name, *(f"{name}_{index}" for index in range(1, outputs))]
        self._nodes.append(helper.make_node(kind, inputs, names, name=name, **attributes))
        return name

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        """Add an array that is no weight, such as a shape or a factor."""
        return self._store(np.asarray(value, dtype))

    def weights(self, value: np.ndarray[Any, Any]) -> str:
        """Add weights, kept in float16 and computed with in float32."""
        half = self._store(np.ascontiguousarray(value, np.float16))
        return self.add("Cast", [half], to=TensorProto.FLOAT)

    def rename(self, name: str, new_name: str) -> None:
        """Rename the output of the last node."""
        last = self._nodes[-1]
        last.output[list(last.output).index(name)] = new_name

    def graph(
        self, name: str, inputs: list[ValueInfoProto], outputs: list[ValueInfoProto]
    ) -> GraphProto:
        """Return the graph of all that was added."""
        return helper.make_graph(self._nodes, name, inputs, outputs, self._constants)

    def _store(self, array: np.ndarray[Any, Any]) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(array, name))
        return name
