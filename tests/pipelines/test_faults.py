"""What is told of an error in a tool, and what its owner is shown."""

import doctest
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from streamlab.errors import PipelineFailureError, ToolUnavailableError
from streamlab.pipelines import faults
from streamlab.pipelines.dag import DagPipelineService
from streamlab.pipelines.faults import failure
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.tools.function import tool
from streamlab.tools.registry import ToolRegistry
from streamlab.tools.tool import Tool

IMAGE = np.zeros((8, 8, 3), np.uint8)


@tool
def nested(image):
    return [pair["x"] for pair in [(1, 2)]]  # type: ignore[call-overload]


@tool
def in_a_library(image):
    return json.loads("{")


@tool
def cold(image):
    raise FileNotFoundError(2, "No such file", "/home/ada/my models/gate.onnx")


class Zones(Tool):
    """Fails in a method of its own."""

    name = "zones"
    reads = frozenset({"image"})
    produces = frozenset({"zones"})

    def open(self):
        return lambda values: {"zones": self.count()}

    def count(self):
        return {}["gate"]


class Unloadable(Zones):
    name = "unloadable"

    def load(self):
        raise ToolUnavailableError("/home/ada/gate.pt: no such file")


def line_with(text):
    lines = Path(__file__).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def fail(tool_class):
    tools = ToolRegistry()
    tools.register(tool_class)
    registry = PipelineRegistry(tools)
    registry.add({"id": "one", "nodes": [{"id": "node", "tool": tool_class.name}]})
    with pytest.raises(PipelineFailureError) as caught:
        DagPipelineService(registry).open("one")(IMAGE, 0)
    return caught.value


def test_the_documented_examples_run():
    results = doctest.testmod(faults)
    assert results.attempted
    assert not results.failed


@pytest.mark.parametrize(
    ("tool_class", "text", "where"),
    [
        (nested, 'pair["x"]', "nested()"),
        (in_a_library, 'json.loads("{")', "in_a_library()"),
        (Zones, '{}["gate"]', "Zones.count()"),
    ],
)
def test_the_detail_names_the_node_and_the_line_of_the_tools_own_code(tool_class, text, where):
    error = fail(tool_class)
    assert str(error).startswith("node 'node': ")
    assert str(error).endswith(f"(line {line_with(text)} of {where})")
    assert "/" not in str(error)


def test_the_report_is_the_traceback_from_the_tools_own_code_on():
    error = fail(nested)
    first, where, *_ = error.report.splitlines()
    assert first == "Traceback (most recent call last):"
    assert where == f'  File "{__file__}", line {line_with("pair[")}, in nested'
    assert error.report.rstrip().endswith(
        "TypeError: tuple indices must be integers or slices, not str"
    )
    assert isinstance(error.__cause__, TypeError)


def test_a_client_is_told_no_folder_and_the_owner_is():
    error = fail(cold)
    assert "[Errno 2] No such file: 'gate.onnx'" in str(error)
    assert "/home/ada/my models/gate.onnx" in error.report


def test_a_sentence_of_streamlabs_own_is_reported_only_where_the_detail_leaves_out_a_folder():
    error = fail(Unloadable)
    assert str(error) == "node 'node': gate.pt: no such file"
    assert error.report == "/home/ada/gate.pt: no such file"
    assert failure("node", ToolUnavailableError("no engine")).report == ""


def test_an_installed_tool_is_told_by_its_own_line(tmp_path):
    """A tool's package is a library by its place, and yet the one whose code is meant."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "gauges.py").write_text("import json\n\ndef gauge(image):\n    json.loads('{')\n")
    code = (
        f"import sys; sys.path.insert(0, {str(folder)!r})\n"
        "from streamlab.pipelines import faults\n"
        f"faults.LIBRARY_FOLDERS = (*faults.LIBRARY_FOLDERS, {str(folder)!r})\n"
        "import gauges\n"
        "try: gauges.gauge(None)\n"
        "except ValueError as error:\n"
        "    error.__traceback__ = error.__traceback__.tb_next\n"
        "    print(faults.failure('n', error))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("(line 4 of gauge())")
