"""The distribution is `jupyter-streamlab`, the import name `streamlab`: PyPI has another one."""

import re
from importlib.metadata import metadata, version
from pathlib import Path

import streamlab

ROOT = Path(__file__).parent.parent
PLACES = ("README.md", "pyproject.toml", "docs", "streamlab", "extension", "notebooks", "training")
TEXTS = {".md", ".py", ".ipynb", ".toml", ".json", ".js"}
WRONG = re.compile(r"(?<!jupyter-)\bstreamlab\[|pip install[^\n`&;|]*[ \"']streamlab\b")


def test_the_distribution_has_a_name_of_its_own() -> None:
    assert metadata("jupyter-streamlab")["Name"] == "jupyter-streamlab"
    assert streamlab.__version__ == version("jupyter-streamlab")


def test_no_text_sends_a_user_to_the_other_streamlab() -> None:
    files = [
        file
        for place in PLACES
        for file in ([ROOT / place] if (ROOT / place).is_file() else (ROOT / place).rglob("*"))
        if file.suffix in TEXTS
    ]
    assert len(files) > 100
    wrong = [
        f"{file.relative_to(ROOT)}: {line.strip()[:100]}"
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines()
        if WRONG.search(line)
    ]
    assert not wrong


def test_the_check_knows_the_wrong_names() -> None:
    assert WRONG.search('pip install "streamlab[ultralytics]"')
    assert WRONG.search("pip install streamlab")
    assert not WRONG.search('pip install "jupyter-streamlab[ultralytics]"')
    assert not WRONG.search("pip install . && streamlab demo")


def test_the_lock_files_name_no_registry() -> None:
    locks = [*(ROOT / "tests").glob("*/package-lock.json")]
    assert len(locks) >= 2
    assert [lock for lock in locks if '"resolved"' in lock.read_text()] == []


def test_the_licence_names_those_of_what_is_shipped() -> None:
    """The code's own; the weights of `everyday`, and the package that they were taken from."""
    shipped = metadata("jupyter-streamlab")
    assert shipped["License-Expression"] == "AGPL-3.0-or-later AND Apache-2.0 AND MIT"
    files = shipped.get_all("License-File") or []
    assert {"LICENSE", "streamlab/weights/LICENSE-APACHE-2.0", "streamlab/weights/NOTICE"} <= {
        *files
    }
    notice = (ROOT / "streamlab" / "weights" / "NOTICE").read_text()
    assert "Apache License, Version 2.0" in notice
    assert "MIT License" in notice
