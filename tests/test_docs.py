"""The documentation names everything that can be set, asked for or answered."""

import dataclasses
import importlib.util
import inspect
import json
import re
from pathlib import Path

import pytest

from streamlab import errors
from streamlab.backpressure.admission import DROP_CAUSES, STATES
from streamlab.backpressure.policies import BUILT_IN, meaning_of_policy
from streamlab.client.options import StreamOptions
from streamlab.lab.live.limits import NAMES
from streamlab.lab.live.view import LiveView
from streamlab.recording.columns import AFTER_NODES, BEFORE_NODES, EVENT_COLUMNS
from streamlab.replay.plan import PLAN_NAMES
from streamlab.replay.trace_data import SETTING_NAMES
from streamlab.server import routes
from streamlab.settings import Settings, meaning_of, variable_of

ROOT = Path(__file__).parents[1]
DOCS = "\n".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))
OPTIONS = [option.name for option in dataclasses.fields(StreamOptions)]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", [setting.name for setting in dataclasses.fields(Settings)])
def test_every_setting_is_documented(name):
    assert variable_of(name) in DOCS
    assert meaning_of(name)


@pytest.mark.parametrize(
    "error",
    [
        error
        for _, error in inspect.getmembers(errors, inspect.isclass)
        if issubclass(error, errors.ProtocolError)
    ],
)
def test_every_error_is_documented_with_its_close_code(error):
    rows = [line for line in DOCS.splitlines() if line.startswith(f"| `{error.code}` |")]
    assert len(rows) == 1
    assert str(error.close_code) in rows[0]


@pytest.mark.parametrize(
    "word",
    [
        *(path for name, path in vars(routes).items() if name.endswith("_PATH")),
        *STATES,
        *BUILT_IN,
        *DROP_CAUSES,
    ],
)
def test_every_path_state_policy_and_cause_is_documented(word):
    assert f"`{word}" in DOCS or word in DOCS.split()


@pytest.mark.parametrize("column", [*BEFORE_NODES, *AFTER_NODES, *EVENT_COLUMNS])
def test_every_column_of_a_recording_is_documented(column):
    rows = [line for line in DOCS.splitlines() if line.startswith(f"| `{column.name}` |")]
    assert any(column.meaning in row for row in rows)


@pytest.mark.parametrize("policy", BUILT_IN)
def test_every_policy_is_documented(policy):
    assert f"| `{policy}` | {meaning_of_policy(policy)} |" in DOCS


@pytest.mark.parametrize("name", [*PLAN_NAMES, *SETTING_NAMES, *OPTIONS])
def test_every_option_of_the_lab_is_documented(name):
    assert f"`{name}`" in DOCS


@pytest.mark.parametrize("name", [*NAMES, *LiveView.class_own_traits(sync=True)])
def test_every_trait_of_the_live_view_is_documented(name):
    page = (ROOT / "docs" / "live_view.md").read_text()
    assert f"`{name}`" in page or name.startswith(("_", "server_", "version"))


def test_the_links_of_the_readme_lead_somewhere():
    targets = [part.split(")")[0] for part in README.split("](")[1:]]
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target


def generator(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tools_are_documented_as_they_are():
    assert (ROOT / "docs" / "pipelines.md").read_text() == generator("make_tool_tables").page()


@pytest.mark.parametrize(("name", "page"), generator("make_setting_tables").pages().items())
def test_the_settings_are_documented_as_they_are_declared(name, page):
    """`python docs/make_setting_tables.py` writes them."""
    assert (ROOT / "docs" / name).read_text() == page


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_notebook_is_small_counts_its_cells_and_ends_with_exercises(path):
    assert path.stat().st_size < 300_000, "python notebooks/refresh.py keeps its pictures small"
    cells = json.loads(path.read_text())["cells"]
    counts = [cell["execution_count"] for cell in cells if cell["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1)), "it was run from the top, every cell once"
    [begin] = [
        position
        for position, cell in enumerate(cells)
        if cell["cell_type"] == "markdown" and "## Exercises" in "".join(cell["source"])
    ]
    questions = re.findall(r"^\d\. ", "".join(cells[begin]["source"]), re.MULTILINE)
    answers = [
        cell for cell in cells[begin:] if cell["metadata"].get("jupyter", {}).get("source_hidden")
    ]
    assert len(questions) == len(answers)
    assert 2 <= len(answers) <= 3
