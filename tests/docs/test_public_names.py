"""The public API as TAB, `help` and `?` show it, and as the documentation names it."""

import ast
import importlib.util
import inspect
import json
import re
import subprocess
import sys
from functools import cached_property
from types import FunctionType

import pytest
from doc_blocks import PAGES, ROOT
from recordings import calm_recording

import streamlab
import streamlab.lab
from streamlab.backpressure.policies import ENTRY_POINT_GROUP
from streamlab.lab import Lab, LiveView, Recommendation
from streamlab.lab.streaming import Streamer
from streamlab.lab.tuning.detection_panel import DetectionPanel
from streamlab.lab.tuning.threshold_panel import ThresholdPanel

MODULES = (streamlab, streamlab.lab)
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
HEAVY = {"pandas", "matplotlib", "torch", "jupyter_server"}
PARTS = (FunctionType, classmethod, staticmethod, property, cached_property)
FEWEST_WORDS = 3
FILES = {("recording", "md"), ("lab", "md"), ("view", "js")}
RECORDING = calm_recording()
NAMED = {
    "lab": Lab("http://127.0.0.1:8000", None, "a server"),
    "recording": RECORDING,
    "trace": RECORDING.trace(),
    "panel": ThresholdPanel,
    "detection": DetectionPanel,
    "running": Streamer,
    "choice": Recommendation({}, {}, ""),
    "view": LiveView,
}
"""What the names that the pages use for things stand for."""
COMPLETE = """
import json, sys
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
shell.run_cell("import streamlab")
offered = {}
for use_jedi in (False, True):
    shell.Completer.use_jedi = use_jedi
    for text in ("streamlab.", "streamlab.lab."):
        with provisionalcompleter():
            found = shell.Completer.completions(text, len(text))
            offered[f"{use_jedi} {text}"] = [each.text.lstrip(".") for each in found]
print(json.dumps([offered, sorted(sys.modules)]))
"""


def names_of(module):
    """Return the public names of a module, without those that TAB leaves out."""
    return [name for name in module.__all__ if not name.startswith("__")]


def public_things():
    """Return every public object by its dotted name, each once."""
    found = {}
    for module in MODULES:
        for name in names_of(module):
            thing = getattr(module, name)
            if not inspect.ismodule(thing) and thing not in found.values():
                found[f"{module.__name__}.{name}"] = thing
    return found


def members_of(thing):
    """Return the public methods and properties that streamlab gives a class, by name."""
    members = {}
    for owner in reversed(thing.__mro__):
        if owner.__module__.startswith("streamlab"):
            parts = {name: part for name, part in vars(owner).items() if isinstance(part, PARTS)}
            members |= {name: part for name, part in parts.items() if not name.startswith("_")}
    return members


PUBLIC = public_things()
MEMBERS = {
    f"{name}.{member}": value
    for name, thing in PUBLIC.items()
    if inspect.isclass(thing)
    for member, value in members_of(thing).items()
}


@pytest.fixture(scope="module")
def completed():
    told = subprocess.check_output([sys.executable, "-c", COMPLETE], text=True)
    offered, loaded = json.loads(told.splitlines()[-1])
    assert not set(loaded) & HEAVY
    return offered


@pytest.mark.parametrize("use_jedi", [False, True])
@pytest.mark.parametrize("module", MODULES)
def test_tab_offers_the_public_names_and_nothing_else(module, use_jedi, completed):
    offered = completed[f"{use_jedi} {module.__name__}."]
    assert sorted(offered) == sorted(names_of(module))


@pytest.mark.parametrize("module", MODULES)
def test_help_has_a_line_for_every_public_name(module):
    """`python docs/make_name_tables.py` writes them."""
    spec = importlib.util.spec_from_file_location("tables", ROOT / "docs" / "make_name_tables.py")
    assert spec is not None
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    assert module in tables.MODULES
    assert tables.table(module) in module.__doc__


def test_help_is_printed():
    told = subprocess.check_output(
        [sys.executable, "-c", "import streamlab; help(streamlab)"], text=True
    )
    for name in names_of(streamlab):
        assert re.search(rf"\b{name}\b", told)
    assert "Call last" not in told


@pytest.mark.parametrize("module", MODULES)
def test_a_type_checker_and_an_editor_know_the_public_names(module):
    """They read the imports that are never run."""
    tree = ast.parse(inspect.getsource(module))
    [block] = [each for each in tree.body if isinstance(each, ast.If)]
    assert ast.unparse(block.test) == "TYPE_CHECKING"
    lines = [line for line in block.body if isinstance(line, ast.ImportFrom)]
    assert len(lines) == len(block.body)
    known = {alias.name for line in lines for alias in line.names}
    assert known == set(names_of(module))


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_documented_with_an_example(name):
    about = inspect.getdoc(PUBLIC[name])
    assert len(about.splitlines()[0].split()) >= FEWEST_WORDS
    assert ">>> " in about


@pytest.mark.parametrize("name", MEMBERS)
def test_a_public_method_is_documented(name):
    about = inspect.getdoc(MEMBERS[name])
    assert about, "it has no docstring"
    assert len(about.split()) >= FEWEST_WORDS


def test_methods_are_found():
    wanted = {"Lab.stream", "LiveView.start", "Recording.load", "Recording.detections"}
    assert {f"streamlab.{name}" for name in wanted} <= MEMBERS.keys()


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"(?<![\w/\"'.-])streamlab((?:\.[A-Za-z_]\w*)+)", TEXT)))
)
def test_a_dotted_name_of_the_documentation_is_there(name):
    if f"streamlab{name}" == ENTRY_POINT_GROUP:
        return
    found = streamlab
    module = "streamlab"
    for part in name.removeprefix(".").split("."):
        module = f"{module}.{part}"
        try:
            found = getattr(found, part)
        except AttributeError:
            found = importlib.import_module(module)


@pytest.mark.parametrize(
    ("thing", "member"),
    sorted(set(re.findall(rf"(?<![\w/\"'.-])({'|'.join(NAMED)})\.([A-Za-z]\w*)", TEXT))),
)
def test_what_the_documentation_does_with_a_thing_can_be_done(thing, member):
    if (thing, member) not in FILES:
        assert hasattr(NAMED[thing], member)
