"""What a pipeline can find, as its tools declare it, and the filters that this allows."""

import logging
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import OptionError
from .detection_filter import FILTER_NAMES, DetectionFilter

if TYPE_CHECKING:
    from .graph import Plan, PlannedNode

log = logging.getLogger("streamlab.pipelines")

MAX_LISTED = 100
"""Labels that an error lists; the others are counted."""


class Findings(msgspec.Struct, frozen=True):
    """What the detecting nodes of a pipeline find.

    `labels` are the names that its models know, None where one does not tell; `score_threshold` is
    the nodes' own threshold, the least of several, None where one has none.
    """

    detects: bool
    labels: tuple[str, ...] | None
    score_threshold: float | None


def findings_of(detecting: Iterable["PlannedNode"]) -> Findings:
    """Return what these nodes find together. Files of weights are looked into, none is loaded."""
    nodes = list(detecting)
    labels = [_labels(node) for node in nodes]
    thresholds = [getattr(node.params, "score_threshold", None) for node in nodes]
    known = [each for each in labels if each is not None]
    numbers = [float(each) for each in thresholds if isinstance(each, int | float)]
    return Findings(
        bool(nodes),
        tuple(dict.fromkeys(chain(*known))) if nodes and len(known) == len(nodes) else None,
        min(numbers) if nodes and len(numbers) == len(nodes) else None,
    )


def changed_filter(
    plan: "Plan", current: DetectionFilter, given: Mapping[str, Any]
) -> DetectionFilter:
    """Return `current` with the `min_score` and `labels` that are `given`; others are left alone.

    Raises `OptionError` for a pipeline that does not detect, for what is out of range and, where
    it is known what the pipeline finds, for labels that it does not.
    """
    changes = {name: given[name] for name in FILTER_NAMES if name in given}
    if not changes:
        return current
    findings = plan.findings
    if not findings.detects:
        name, value = next(iter(changes.items()))
        problem = f"the pipeline {plan.definition.id!r} detects nothing, and takes no such setting"
        raise OptionError(name, value, problem)
    changed = DetectionFilter.of(**{**msgspec.structs.asdict(current), **changes})
    if "labels" in changes and changed.labels is not None and findings.labels is not None:
        unknown = [label for label in changed.labels if label not in findings.labels]
        if unknown:
            problem = f"the pipeline {plan.definition.id!r} finds {listed(findings.labels)}"
            raise OptionError("labels", ", ".join(unknown), problem)
    return changed


def listed(labels: tuple[str, ...], most: int = MAX_LISTED) -> str:
    """Return labels as a list to read; of more than `most`, the first, and how many there are.

    >>> listed(("person", "cup", "dog"), most=2)
    'person, cup and 1 more'
    """
    shown = ", ".join(labels[:most])
    return shown if len(labels) <= most else f"{shown} and {len(labels) - most} more"


def missing_of(node: "PlannedNode") -> str | None:
    """Return what must be installed before a node's tool can be loaded, None for nothing."""
    try:
        missing = node.tool.missing(node.params)
        return None if missing is None else str(missing)
    except Exception:
        # as with labels; what is wrong shows when the tool is loaded
        log.exception("what tool %r needs is not known", node.tool.name)
        return None


def _labels(node: "PlannedNode") -> tuple[str, ...] | None:
    try:
        labels = node.tool.labels(node.params)
        return None if labels is None else tuple(map(str, labels))
    except Exception:
        # a tool of somebody else: its pipeline can be used, only its labels are not known
        log.exception("the labels of tool %r are not known", node.tool.name)
        return None
