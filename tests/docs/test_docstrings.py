"""The examples of all docstrings run, with the things at hand that they speak of."""

import doctest
import importlib
import pkgutil

import numpy as np
import pytest
from doc_blocks import EXAMPLES_IN_BROWSER, write_short_clip

import streamlab
from streamlab.lab import connect, sweep
from streamlab.lab.default_lab import default_lab


def modules():
    """Return every module of streamlab that can be imported without an extra."""
    for found in pkgutil.walk_packages(streamlab.__path__, "streamlab."):
        try:
            yield importlib.import_module(found.name)
        except ModuleNotFoundError as error:
            if str(error.name).startswith("streamlab"):
                raise


def examples():
    """Return the docstrings that have examples, but those of a view on show."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    return [
        example
        for module in modules()
        for example in finder.find(module)
        if example.examples and example.name not in EXAMPLES_IN_BROWSER
    ]


class WhatIsShown(doctest.OutputChecker):
    """Compares what an example shows, where it shows something."""

    def check_output(self, want, got, optionflags):
        return not want or super().check_output(want, got, optionflags)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    write_short_clip(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder


@pytest.fixture(scope="module")
def at_hand(folder, jpeg):
    """What an example may speak of without having made it."""
    with connect(where="process") as lab:
        recording = lab.stream("gate_easy", progress=False)
        recording.save("gate.jsonl.gz")
        trace = recording.trace()
        table = sweep(trace, {"fps": [15, 30]}, progress=False)
        image = np.zeros((480, 640, 3), np.uint8)
        things = {"recording": recording, "trace": trace, "table": table, "image": image}
        yield {**things, "lab": lab, "jpeg": jpeg}
    default_lab().close()


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_the_example_of_a_docstring_runs(example, at_hand):
    names = {name: thing for name, thing in at_hand.items() if name not in example.globs}
    example.globs |= names
    told = []
    runner = doctest.DocTestRunner(WhatIsShown(), optionflags=doctest.ELLIPSIS)
    runner.run(example, out=told.append)
    assert not runner.failures, "".join(told)


def test_no_example_is_skipped():
    skipped = [
        example.name
        for example in examples()
        if any(doctest.SKIP in each.options for each in example.examples)
    ]
    assert not skipped
