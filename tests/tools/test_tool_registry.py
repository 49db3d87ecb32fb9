import doctest
import subprocess
import sys
from typing import ClassVar

import msgspec
import pytest

from streamlab.errors import DefinitionError
from streamlab.tools import registry as registry_module
from streamlab.tools.function import tool
from streamlab.tools.registry import BUILT_IN, ToolRegistry
from streamlab.tools.tool import Tool

HEAVY = ("cv2", "onnxruntime", "tesserocr", "pytesseract", "torch", "ultralytics", "av", "PIL")


class Blank(Tool):
    name: ClassVar[str] = "blank"
    reads: ClassVar[frozenset[str]] = frozenset()
    produces: ClassVar[frozenset[str]] = frozenset()

    def open(self):
        return lambda values: {}


def test_the_documented_example_runs():
    results = doctest.testmod(registry_module)
    assert results.attempted
    assert not results.failed


def test_every_built_in_tool_declares_itself_under_its_name():
    registry = ToolRegistry()
    for name in BUILT_IN:
        found = registry.get(name)
        assert found is not None
        assert found.name == name
        assert found.Params() == msgspec.convert({}, found.Params)
        with pytest.raises(msgspec.ValidationError, match="unknown field"):
            msgspec.convert({"no_such_param": 1}, found.Params)


def test_looking_at_all_declarations_loads_no_model_library():
    code = (
        "import sys; from streamlab.tools.registry import ToolRegistry as R; r = R();"
        "[r.get(name).Params() for name in r.names()]; import streamlab.tools.function;"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_has_no_tool():
    assert ToolRegistry().get("no_such_tool") is None


def test_a_notebook_can_register_a_tool_again_with_another_body():
    registry = ToolRegistry()
    for factor in (1, 2):

        @registry.register
        @tool
        def scaled(frame_index: int, *, by: int = factor) -> int:
            return frame_index * by

    assert "scaled" in registry.names()
    scaled_tool = registry.get("scaled")
    assert scaled_tool is not None
    step = scaled_tool(msgspec.convert({}, scaled_tool.Params)).open()
    assert step({"frame_index": 4}) == {"scaled": 8}
    assert ToolRegistry().get("scaled") is None


@pytest.mark.parametrize(
    ("candidate", "problem"),
    [
        (dict, "not a subclass"),
        (type("NoOpen", (Tool,), {"name": "n"}), r"does not define open\(\)"),
        (type("Unnamed", (Blank,), {"name": ""}), "has no name"),
        (type("Listed", (Blank,), {"reads": ["image"]}), "reads is not a frozenset"),
        (type("Loose", (Blank,), {"Params": dict}), r"Params is not a msgspec\.Struct"),
        (type("Taken", (Blank,), {"name": "track"}), "built-in tool has this name"),
    ],
)
def test_what_is_no_usable_tool_is_refused_with_the_reason(candidate, problem):
    with pytest.raises(DefinitionError, match=problem):
        ToolRegistry().register(candidate)


@pytest.fixture
def installed_package(tmp_path, monkeypatch):
    """A package with one good entry point and several broken ones, as pip would install it."""
    (tmp_path / "gauges.py").write_text(
        "from streamlab.tools.function import tool\n@tool\ndef gauge(image): return 1\nNUMBER = 1\n"
    )
    (tmp_path / "explosive.py").write_text("raise RuntimeError('bang')\n")
    info = tmp_path / "gauges-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gauges\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[streamlab.tools]\n"
        "gauge = gauges:gauge\n"
        "track = gauges:gauge\n"
        "number = gauges:NUMBER\n"
        "absent = gauges:absent\n"
        "missing = no_such_module:thing\n"
        "bang = explosive:thing\n"
    )
    monkeypatch.syspath_prepend(tmp_path)


def test_a_package_adds_tools_and_its_broken_ones_are_told_of(installed_package):
    registry = ToolRegistry()
    assert registry.get("gauge").produces == {"gauge"}
    assert registry.get("track").__module__ == "streamlab.tools.tracker"
    problems = "\n".join(registry.problems)
    assert len(registry.problems) == 5
    for expected in (
        "'number' (gauges:NUMBER): not a subclass",
        "'absent' (gauges:absent): AttributeError",
        "'missing' (no_such_module:thing): ModuleNotFoundError",
        "'bang' (explosive:thing): RuntimeError: bang",
        "'track' (gauges:gauge): the tool calls itself 'gauge'",
    ):
        assert expected in problems
