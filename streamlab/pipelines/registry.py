"""The pipelines that a server knows, and what is wrong with those that it could not load."""

import os
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from streamlab.errors import DefinitionError
from streamlab.pipelines.definition import Definition, parse_definition
from streamlab.pipelines.graph import Plan, compile_pipeline
from streamlab.settings import FOLDER, value_of
from streamlab.tools.registry import ToolRegistry

BUILT_IN = Path(__file__).with_name("definitions")
ENTRY_POINTS = "streamlab.pipelines"
FROM_ENVIRONMENT: Any = object()
"""The default of `load`: the folder is what the environment says."""


class PipelineRegistry:
    """Checked pipelines by id.

    >>> registry = PipelineRegistry.load()
    >>> "yolo_ocr" in registry
    True
    """

    def __init__(self, tools: ToolRegistry | None = None) -> None:
        self.tools = ToolRegistry() if tools is None else tools
        self.problems: list[DefinitionError] = []
        """What kept definitions from being loaded; a server runs without them."""
        self._plans: dict[str, Plan] = {}
        self._sources: dict[str, str] = {}

    @classmethod
    def load(
        cls, folder: str | Path | None = FROM_ENVIRONMENT, tools: ToolRegistry | None = None
    ) -> "PipelineRegistry":
        """Load the built-in pipelines, those of installed packages, and a folder's `*.json`.

        Without `folder`, it is that of `STREAM_PIPELINES_DIR`, if any; None is no folder. Raises
        `DefinitionError` for what is no folder, and `SettingError` for the variable's.
        """
        if folder is FROM_ENVIRONMENT:
            folder = value_of("pipelines_dir")
        registry = cls(tools)
        registry.add_folder(BUILT_IN)
        registry._add_entry_points()
        if folder is not None:
            registry.add_folder(folder)
        return registry

    def add(
        self,
        raw: Definition | Mapping[str, Any] | bytes | Path,
        source: str | None = None,
        *,
        replace: bool = False,
    ) -> Plan:
        """Check a pipeline and take it in; raises `DefinitionError`.

        An id that is taken is refused unless `replace`, with which a cell can be run again:
        sessions that run keep the pipeline that they began with, later ones get this one.
        """
        definition = raw if isinstance(raw, Definition) else parse_definition(raw)
        source = source or (str(raw) if isinstance(raw, Path) else f"pipeline {definition.id!r}")
        plan = compile_pipeline(definition, self.tools, source)
        if definition.id in self._plans and not replace:
            taken = self._sources[definition.id]
            raise DefinitionError(
                source, f"the id {definition.id!r} is taken by {taken}; replace=True replaces it"
            )
        self._plans[definition.id] = plan
        self._sources[definition.id] = source
        return plan

    def add_folder(self, folder: str | Path) -> None:
        """Take in every `*.json` of a folder; faults are kept in `problems`.

        Raises `DefinitionError` for what is no folder.
        """
        # an empty text would be this very folder
        if not isinstance(folder, str | os.PathLike) or not str(folder):
            raise DefinitionError(repr(folder), f"{FOLDER.allowed}, as a text or a Path")
        try:
            found = FOLDER.parse(str(folder))
        except ValueError as error:
            raise DefinitionError(str(folder), f"no such folder; {error}") from None
        for path in sorted(found.glob("*.json")):
            try:
                self.add(path)
            except DefinitionError as error:
                self.problems.append(error)

    def _add_entry_points(self) -> None:
        for entry_point in entry_points(group=ENTRY_POINTS):
            source = f"entry point {entry_point.name!r} ({entry_point.value})"
            try:
                raw = entry_point.load()
                self.add(Path(raw) if isinstance(raw, str) else raw, source)
            except DefinitionError as error:
                self.problems.append(error)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code may do anything
                self.problems.append(DefinitionError(source, f"{type(error).__name__}: {error}"))

    def current(self, pipeline_id: str) -> Plan:
        """Return a pipeline with its tools as they are registered now.

        Raises `DefinitionError` where a tool was registered again and no longer fits, `KeyError`
        for an unknown id.
        """
        plan = self._plans[pipeline_id]
        if any(self.tools.get(node.tool.name) is not node.tool for node in plan.nodes):
            plan = compile_pipeline(plan.definition, self.tools, self._sources[pipeline_id])
            self._plans[pipeline_id] = plan
        return plan

    def __contains__(self, pipeline_id: object) -> bool:
        return pipeline_id in self._plans

    def __getitem__(self, pipeline_id: str) -> Plan:
        return self._plans[pipeline_id]

    def __iter__(self) -> Iterator[Plan]:
        return iter(self._plans.values())

    def ids(self) -> list[str]:
        """Return the ids, in the order in which they were loaded."""
        return list(self._plans)
