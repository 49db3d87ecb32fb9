"""The page on policies compares its own class with the built-in ones, to the figure."""

import importlib.util

import pytest
from doc_blocks import ROOT

from streamlab.backpressure.policies import REGISTRY


@pytest.fixture
def made(monkeypatch):
    spec = importlib.util.spec_from_file_location("page", ROOT / "docs" / "make_policy_picture.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.syspath_prepend(ROOT)
    spec.loader.exec_module(module)
    module.register_codel()
    yield module
    REGISTRY._own.pop("codel")


def test_the_table_of_the_page_is_what_its_class_does(made):
    page = made.PAGE.read_text(encoding="utf-8")
    assert "\n".join(made.rows()) in page
