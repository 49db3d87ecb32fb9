"""Types of parameters that several tools take."""

from typing import Annotated

from msgspec import Meta

Unit = Annotated[float, Meta(ge=0, le=1)]
"""A score, an overlap or a share: 0 to 1."""
