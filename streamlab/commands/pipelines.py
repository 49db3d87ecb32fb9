"""`streamlab pipelines`: what there is, drawn, and what is wrong with what did not load."""

import click

from streamlab.models.devices import choose_device
from streamlab.pipelines.findings import listed
from streamlab.pipelines.graph import FRAME, Plan, PlannedNode
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.settings import value_of, variable_of

MOST_LABELS = 10
"""Labels that are listed of a pipeline; the others are counted."""


def show_pipelines() -> None:
    """Print every pipeline as a small graph, the device, and what could not be loaded."""
    registry = PipelineRegistry.load()
    for plan in registry:
        definition = plan.definition
        click.echo(f"{definition.id}: {definition.title}" if definition.title else definition.id)
        for line in draw(plan):
            click.echo(f"  {line}")
        for line in found_by(plan):
            click.echo(f"  {line}")
        for sentence in plan.missing:
            click.echo(f"  cannot run here: {sentence}")
        click.echo()
    click.echo(f"networks run on {choose_device()} ({variable_of('device')}={value_of('device')})")
    problems = [*map(str, registry.problems), *registry.tools.problems]
    if problems:
        click.echo("Left out:")
        for problem in problems:
            click.echo(f"  {problem}")


def found_by(plan: Plan) -> list[str]:
    r"""Say what a pipeline that detects finds; nothing of one that does not.

    >>> from streamlab.pipelines.registry import PipelineRegistry
    >>> print("\n".join(found_by(PipelineRegistry.load()["yolo"])))
    finds vehicle, plate, parcel, label, from a score of 0.25
    """
    findings = plan.findings
    if not findings.detects:
        return []
    labels = "things whose labels are not known before it runs"
    if findings.labels is not None:
        labels = listed(findings.labels, MOST_LABELS)
    least = findings.score_threshold
    return [f"finds {labels}{'' if least is None else f', from a score of {least:g}'}"]


def draw(plan: Plan) -> list[str]:
    r"""Draw a pipeline: a line for each node, in order, with the nodes it follows and its values.

    >>> from streamlab.pipelines.registry import PipelineRegistry
    >>> print("\n".join(draw(PipelineRegistry.load()["yolo"])))
    frame
    └─ detect (yolo_detect): image -> detections
    """
    before: dict[str, list[str]] = {node.id: [] for node in plan.nodes}
    for first, second in plan.definition.edges:
        before[second].append(first)
    depth = {FRAME: 0}
    lines = [FRAME]
    for node in plan.nodes:
        depth[node.id] = 1 + max((depth[first] for first in before[node.id]), default=0)
        joins = f"  [after {', '.join(before[node.id])}]" if len(before[node.id]) > 1 else ""
        lines.append("   " * (depth[node.id] - 1) + "└─ " + _describe(node) + joins)
    return lines


def _describe(node: PlannedNode) -> str:
    reads = ", ".join(sorted(node.tool.reads)) or "nothing"
    produces = ", ".join(sorted(node.tool.produces)) or "nothing"
    return f"{node.id} ({node.tool.name}): {reads} -> {produces}"
