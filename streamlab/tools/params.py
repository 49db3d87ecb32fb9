"""Types of parameters that several tools take."""

from typing import Annotated, Literal

from msgspec import Meta

Unit = Annotated[float, Meta(ge=0, le=1)]
"""A score, an overlap or a share: 0 to 1."""

Side = Annotated[int, Meta(ge=32, le=4096)]
"""A side of a network's input, pixels."""
# Not tuple[Side, Side]: msgspec 0.22 misreads the length of one beside an int with limits, and
# crashes the process.
Sides = Annotated[tuple[Side, ...], Meta(min_length=2, max_length=2)]

Threads = Annotated[int, Meta(ge=1, le=64)]
"""Of a network, for one frame; `None` where that goes by the load of the machine."""

DeviceName = Literal["auto", "cpu", "openvino", "cuda", "coreml", "directml"]
"""`streamlab.settings.DEVICES`."""
