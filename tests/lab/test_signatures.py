"""What the lab's functions take is known to type checkers, to `help` and to completion."""

import inspect
import subprocess
import sys
import typing

import pytest

from streamlab import lab as public
from streamlab.backpressure.settings import TUNABLE, TunableOptions
from streamlab.client.options import (
    VIDEO_OPTIONS,
    CompareOptionsDict,
    MeasureOptionsDict,
    StreamOptionsDict,
)
from streamlab.lab import Lab, Recording, Trace, capacity
from streamlab.replay.plan import REPLAY_OPTIONS, CapacityOptionsDict, ReplayOptionsDict

TAKES = [
    (Lab.stream, StreamOptionsDict),
    (Lab.streaming, StreamOptionsDict),
    (Lab.measure, MeasureOptionsDict),
    (Lab.compare, CompareOptionsDict),
    (public.stream, StreamOptionsDict),
    (public.measure, MeasureOptionsDict),
    (public.compare, CompareOptionsDict),
    (Lab.tune, ReplayOptionsDict),
    (public.tune, ReplayOptionsDict),
]
KEYS = inspect.Parameter.KEYWORD_ONLY
SNIPPET = """
from streamlab.lab import Lab, compare, connect, stream

def use(lab: Lab) -> None:
    recording = lab.stream("gate_easy", fps=20, window_s=1.5, labels=["plate"])
    with lab.streaming("gate_easy", policy="lossless") as streamer:
        streamer.recording().summary()
    recording.trace().replay(fps=60, workers=2)
    compare("gate_easy", ["yolo", "ocr"], fps=10, progress=False)
    recording.detection_metrics(iou_threshold=0.7)
"""
MISTAKES = """
def err(lab: Lab) -> None:
    lab.stream("gate_easy", speed=20)
    stream("gate_easy", fps="fast")
    lab.measure("gate_easy", sessions=3)
    compare("gate_easy", ["yolo"], pipeline_id="ocr")
    lab.streaming("gate_easy").fps
    lab.stream("gate_easy").trace().replay(wrkers=2)
    lab.stream("gate_easy").text_metrics(iou_threshold=0.5)
"""


def typing_of_names(function):
    """Return the argument of the `Unpack` that types what a function takes by any name."""
    hints = inspect.unwrap(function).__annotations__.values()
    [hint] = [hint for hint in hints if typing.get_origin(hint) is typing.Unpack]
    return typing.get_args(hint)


def test_the_options_that_checkers_know_are_those_that_there_are():
    hints = typing.get_type_hints
    assert set(hints(StreamOptionsDict)) == set(VIDEO_OPTIONS)
    assert set(hints(MeasureOptionsDict)) == set(VIDEO_OPTIONS) - {"sessions", "policy"}
    assert set(hints(CompareOptionsDict)) == set(VIDEO_OPTIONS) - {"sessions", "pipeline_id"}
    assert set(hints(ReplayOptionsDict)) == set(REPLAY_OPTIONS)
    assert set(hints(TunableOptions)) == set(TUNABLE)


@pytest.mark.parametrize(("function", "options"), TAKES)
def test_a_signature_names_the_options_and_hints_have_their_types(function, options):
    assert typing_of_names(function) == (options,)
    shown = inspect.signature(function).parameters
    assert not [one for one in shown.values() if one.kind is one.VAR_KEYWORD]
    named = {name for name, one in shown.items() if one.kind is KEYS}
    assert named - {"progress", "load_seconds"} == set(typing.get_type_hints(options))


def test_the_defaults_that_a_signature_shows_are_those_that_hold():
    def default(function, name):
        return inspect.signature(function).parameters[name].default

    assert default(Lab.stream, "policy") == "realtime"
    assert default(public.compare, "policy") == "lossless"
    assert default(Lab.stream, "pipeline_id") is None, "the sample's own"
    assert default(public.tune, "drop_threshold") is None, "as recorded"


@pytest.mark.parametrize(
    ("function", "options"),
    [(Trace.replay, ReplayOptionsDict), (capacity, CapacityOptionsDict)],
)
def test_what_a_replay_takes_is_typed(function, options):
    assert typing_of_names(function) == (options,)


@pytest.mark.parametrize(
    "name",
    ["detection_metrics", "average_precision", "text_metrics", "streaming_accuracy",
     "plot_precision_recall"],
)  # fmt: skip
def test_what_the_measures_of_a_recording_take_is_typed(name):
    assert getattr(Recording, name).__annotations__["options"].startswith("Unpack[")


def test_a_checker_finds_an_option_that_there_is_not(tmp_path):
    pytest.importorskip("mypy")
    file = tmp_path / "snippet.py"
    file.write_text(SNIPPET + MISTAKES)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--follow-imports=silent", file],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in done.stdout.splitlines() if ": error: " in line]
    first = SNIPPET.count("\n") + 3
    lines = [int(line.split(":")[1]) for line in told]
    assert lines == list(range(first, first + 7)), done.stdout
