"""What a pipeline can find, as its tools declare it, and the filters that this allows."""

import logging
from collections.abc import Iterable
from itertools import chain
from typing import Any

import msgspec

from streamlab.tools.tool import Tool

log = logging.getLogger("streamlab.pipelines")

MAX_LISTED = 100
"""Labels that an error lists; the others are counted."""


class Findings(msgspec.Struct, frozen=True):
    """What the detecting nodes of a pipeline find.

    `labels` are the names that its models know, None where one does not list them;
    `score_threshold` is the nodes' own threshold, the least of several, None where one has none.
    """

    detects: bool
    labels: tuple[str, ...] | None
    score_threshold: float | None


def findings_of(detecting: Iterable[tuple[type[Tool], Any]]) -> Findings:
    """Return what tools find together under their parameters.

    Files of weights are looked into, none is loaded.
    """
    nodes = list(detecting)
    labels = [_labels(tool, params) for tool, params in nodes]
    thresholds = [getattr(params, "score_threshold", None) for _, params in nodes]
    known = [each for each in labels if each is not None]
    numbers = [float(each) for each in thresholds if isinstance(each, int | float)]
    return Findings(
        bool(nodes),
        tuple(dict.fromkeys(chain(*known))) if nodes and len(known) == len(nodes) else None,
        min(numbers) if nodes and len(numbers) == len(nodes) else None,
    )


def listed(labels: tuple[str, ...], most: int = MAX_LISTED) -> str:
    """Return labels as a list to read; of more than `most`, the first, and how many there are.

    >>> listed(("person", "cup", "dog"), most=2)
    'person, cup and 1 more'
    """
    shown = ", ".join(labels[:most])
    return shown if len(labels) <= most else f"{shown} and {len(labels) - most} more"


def missing_of(tool: type[Tool], params: Any) -> str | None:
    """Return what must be installed before a tool can be loaded, None for nothing."""
    try:
        missing = tool.missing(params)
        return None if missing is None else str(missing)
    except Exception:
        # as with labels; what is wrong shows when the tool is loaded
        log.exception("what tool %r needs is not known", tool.name)
        return None


def _labels(tool: type[Tool], params: Any) -> tuple[str, ...] | None:
    try:
        labels = tool.labels(params)
        return None if labels is None else tuple(map(str, labels))
    except Exception:
        # a third-party tool: its pipeline can be used, only its labels are not known
        log.exception("the labels of tool %r are not known", tool.name)
        return None
