"""A checked definition: the order of its nodes, and which node provides each of their inputs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

import msgspec

from streamlab.errors import DefinitionError, OptionError
from streamlab.pipelines.definition import Definition, Node
from streamlab.pipelines.detection_filter import FILTER_NAMES, DetectionFilter
from streamlab.pipelines.findings import Findings, findings_of, listed, missing_of
from streamlab.tools.registry import ToolRegistry
from streamlab.tools.tool import COLLECTED_VALUES, INTERNAL_VALUES, SOURCE_VALUES, Tool

FRAME = "frame"
"""Stands for the frame itself where a provider of values is named."""
DETECTIONS = "detections"
"""The value that a session's `DetectionFilter` is applied to."""


@dataclass(frozen=True)
class PlannedNode:
    """A node with its tool, its checked parameters and the providers of the values it reads."""

    id: str
    tool: type[Tool]
    params: Any
    providers: dict[str, str]
    """Value name -> id of the node that provides it, or `FRAME`."""

    @property
    def detects(self) -> bool:
        """Whether it finds things: it produces `detections` and reads none."""
        return DETECTIONS in self.tool.produces - self.tool.reads


@dataclass(frozen=True)
class Plan:
    """A checked pipeline: its nodes in the order in which they run."""

    definition: Definition
    nodes: tuple[PlannedNode, ...]
    outputs: dict[str, str]
    """Value of the result -> id of the node that has the last word on it."""
    collected: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Value of the result that is put together -> ids of the nodes that produce it, in order."""

    @cached_property
    def findings(self) -> Findings:
        """What its detecting nodes find; weights are looked into once, when this is first asked."""
        return findings_of((node.tool, node.params) for node in self.nodes if node.detects)

    @property
    def missing(self) -> list[str]:
        """What must be installed before it can run, a sentence each; empty where nothing is."""
        missing = (missing_of(node.tool, node.params) for node in self.nodes)
        return list(dict.fromkeys(sentence for sentence in missing if sentence))


def changed_filter(
    plan: Plan, current: DetectionFilter, given: Mapping[str, Any]
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


def compile_pipeline(definition: Definition, tools: ToolRegistry, source: str = "") -> Plan:
    """Check a definition whole and plan it; raises `DefinitionError` for the first fault.

    Checked are unknown tools, params that a tool does not take, edges to missing nodes, cycles,
    nodes connected to nothing, inputs that no predecessor produces, and values that two nodes
    produce without an order between them.
    """
    return _Compiler(definition, tools, source or f"pipeline {definition.id!r}").plan()


class _Compiler:
    def __init__(self, definition: Definition, tools: ToolRegistry, source: str) -> None:
        self.definition = definition
        self.tools = tools
        self.source = source
        self.tool_of: dict[str, type[Tool]] = {}
        self.ancestors: dict[str, set[str]] = {}

    def fault(self, problem: str, node: str | None = None) -> DefinitionError:
        return DefinitionError(self.source, problem, node)

    def plan(self) -> Plan:
        nodes = {node.id: node for node in self.definition.nodes}
        if len(nodes) < len(self.definition.nodes):
            ids = [node.id for node in self.definition.nodes]
            twice = next(id_ for id_ in ids if ids.count(id_) > 1)
            raise self.fault("two nodes have this id", twice)
        if FRAME in nodes:
            raise self.fault("this id is reserved for the frame itself", FRAME)
        params = {node.id: self._check_tool(node) for node in nodes.values()}
        order = self._order(nodes)
        self._check_connected(order)
        self._check_rivals(order)
        planned = tuple(
            PlannedNode(id_, self.tool_of[id_], params[id_], self._providers(id_, order))
            for id_ in order
        )
        outputs = {
            value: id_
            for id_ in order
            for value in self.tool_of[id_].produces - INTERNAL_VALUES - COLLECTED_VALUES
        }
        collected = {
            value: producers
            for value in sorted(COLLECTED_VALUES)
            if (producers := tuple(i for i in order if value in self.tool_of[i].produces))
        }
        return Plan(self.definition, planned, outputs, collected)

    def _check_tool(self, node: Node) -> Any:
        tool = self.tools.get(node.tool)
        if tool is None:
            known = ", ".join(self.tools.names())
            raise self.fault(f"unknown tool {node.tool!r}; known: {known}", node.id)
        self.tool_of[node.id] = tool
        try:
            return msgspec.convert(node.params, tool.Params)
        except msgspec.ValidationError as error:
            allowed = ", ".join(tool.Params.__struct_fields__) or "none"
            problem = str(error).replace("`$.", "`").replace("Object", "params")
            raise self.fault(
                f"params that {node.tool!r} does not take: {problem}; it takes: {allowed}", node.id
            ) from None

    def _order(self, nodes: dict[str, Node]) -> list[str]:
        before: dict[str, set[str]] = {id_: set() for id_ in nodes}
        for first, second in self.definition.edges:
            for end in (first, second):
                if end not in nodes:
                    raise self.fault(f"edge {first} -> {second}: there is no such node", end)
            before[second].add(first)
        try:
            order = list(TopologicalSorter(before).static_order())
        except CycleError as error:
            cycle: list[str] = error.args[1]
            raise self.fault(f"a cycle: {' -> '.join(cycle)}", cycle[0]) from None
        for id_ in order:
            self.ancestors[id_] = before[id_].union(*(self.ancestors[p] for p in before[id_]))
        return order

    def _check_connected(self, order: list[str]) -> None:
        neighbours: dict[str, set[str]] = {id_: set() for id_ in order}
        for first, second in self.definition.edges:
            neighbours[first].add(second)
            neighbours[second].add(first)
        reached: set[str] = set()
        frontier = [self.definition.nodes[0].id]
        while frontier:
            id_ = frontier.pop()
            if id_ not in reached:
                reached.add(id_)
                frontier.extend(neighbours[id_])
        for node in self.definition.nodes:
            if node.id not in reached:
                raise self.fault(
                    f"unreachable: no edge connects it with {self.definition.nodes[0].id!r}",
                    node.id,
                )

    def _check_rivals(self, order: list[str]) -> None:
        for position, id_ in enumerate(order):
            for earlier in order[:position]:
                shared = self.tool_of[id_].produces & self.tool_of[earlier].produces
                shared -= COLLECTED_VALUES
                if shared and earlier not in self.ancestors[id_]:
                    raise self.fault(
                        f"it and {earlier!r} both produce {', '.join(sorted(shared))}: "
                        "an edge must say which comes first",
                        id_,
                    )

    def _providers(self, id_: str, order: list[str]) -> dict[str, str]:
        providers = dict.fromkeys(SOURCE_VALUES, FRAME)
        for earlier in order:
            if earlier in self.ancestors[id_]:
                providers.update(dict.fromkeys(self.tool_of[earlier].produces, earlier))
        tool = self.tool_of[id_]
        if collected := sorted(tool.reads & COLLECTED_VALUES):
            raise self.fault(
                f"{tool.name!r} reads {', '.join(collected)}, which no tool can read: they are "
                "drawn; hand a value of another name from node to node",
                id_,
            )
        missing = sorted(tool.reads - providers.keys())
        if missing:
            raise self.fault(
                f"{tool.name!r} reads {', '.join(missing)}, which no predecessor produces", id_
            )
        return {value: providers[value] for value in sorted(tool.reads)}
