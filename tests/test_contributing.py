"""What a contributor reads and runs: one version of each linter, sessions and files that exist."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

import streamlab

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LINTERS = PROJECT["project"]["optional-dependencies"]["lint"]
PIN = re.compile(r"[\w-]+==[\w.]+")
TREE = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
SESSIONS = {
    function.name: ast.get_docstring(function)
    for function in TREE.body
    if isinstance(function, ast.FunctionDef)
    and any("session" in ast.unparse(decorator) for decorator in function.decorator_list)
}
PATHS = {
    path
    for path in re.findall(r"`((?:streamlab|extension|docs|tests)/[\w./]+)`", GUIDE)
    if "<" not in path
}


@pytest.mark.parametrize("linter", LINTERS)
def test_a_linter_has_one_version(linter):
    assert PIN.fullmatch(linter)


def test_the_hooks_of_git_have_the_versions_of_the_linters():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    pins = set(PIN.findall(hooks)) - {"pre-commit-hooks==6.0.0"}
    assert {pin.split("==")[0] for pin in pins} == {"ruff", "import-linter"}
    assert pins <= set(LINTERS)


def test_the_sessions_of_nox_are_explained():
    assert len(SESSIONS) > 10
    for name, about in SESSIONS.items():
        assert about, name
        assert f"`{name}`" in GUIDE, name


@pytest.mark.parametrize("file", [".ci/run", ".github/workflows/ci.yml"])
def test_ci_calls_sessions_that_there_are(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    listed = re.findall(r"^ *(?:shared|alone) ([a-z ]+?)(?: --.*)?$", text, re.M)
    listed += re.findall(r"session: \[([a-z, ]+)\]", text) + re.findall(
        r"nox -s (\w+)$", text, re.M
    )
    called = set(re.findall(r"\w+", " ".join(listed)))
    assert len(called) >= 9
    assert called <= set(SESSIONS)


def test_the_guide_has_every_layer_that_is_a_package():
    [layers, *_] = PROJECT["tool"]["importlinter"]["contracts"]
    names = re.findall(r"\w+", " ".join(layers["layers"]))
    packages = [name for name in names if (ROOT / "streamlab" / name).is_dir()]
    assert len(packages) > 10
    assert [name for name in packages if f"`{name}`" not in GUIDE] == []


@pytest.mark.parametrize("path", sorted(PATHS))
def test_the_guide_names_files_that_there_are(path):
    assert (ROOT / path).exists()


def test_the_paths_of_the_guide_are_found():
    assert "streamlab/tools/registry.py" in PATHS


def test_the_citation_is_of_this_version():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {streamlab.__version__}\n" in citation
    licences = PROJECT["project"]["license"].split(" AND ")
    listed = "".join(f"\n  - {licence}" for licence in licences)
    assert f"\nlicense:{listed}\n" in citation
