import doctest
from typing import Annotated

import msgspec
import pytest

from streamlab.errors import DefinitionError
from streamlab.tools import function as function_module
from streamlab.tools.function import tool
from streamlab.tools.tool import NoParams, title_of


def run(tool_class, values, **params):
    instance = tool_class(msgspec.convert(params, tool_class.Params))
    instance.load()
    return instance.open()(values)


def test_the_documented_example_runs():
    results = doctest.testmod(function_module)
    assert results.attempted
    assert not results.failed


def test_positional_parameters_are_what_it_reads_and_its_name_what_it_produces():
    @tool
    def area(detections, frame_index):
        return len(detections) * 10 + frame_index

    assert area.name == "area"
    assert area.reads == {"detections", "frame_index"}
    assert area.produces == {"area"}
    assert area.Params is NoParams
    assert run(area, {"frame_index": 3, "detections": [1, 2]}) == {"area": 23}


def test_values_are_handed_over_by_name_whatever_their_order():
    @tool(produces="order")
    def any_name(b, a, /):
        return (b, a)

    assert run(any_name, {"a": 1, "b": 2}) == {"order": (2, 1)}


def test_several_values_are_returned_as_a_mapping():
    @tool(produces=("low", "high"), name="limits")
    def find_limits(values):
        return {"low": min(values), "high": max(values)}

    assert find_limits.name == "limits"
    assert run(find_limits, {"values": [3, 1]}) == {"low": 1, "high": 3}


@pytest.mark.parametrize("returned", [{"low": 1}, 5, {"low": 1, "high": 2, "more": 3}])
def test_other_than_the_declared_values_is_an_error_that_names_them(returned):
    @tool(produces=("low", "high"))
    def limits(frame_index):
        return returned

    with pytest.raises(TypeError, match="not a mapping of \\['high', 'low'\\]"):
        run(limits, {"frame_index": 0})


def test_one_value_may_itself_be_a_mapping():
    @tool
    def facts(frame_index):
        return {"index": frame_index}

    assert run(facts, {"frame_index": 1}) == {"facts": {"index": 1}}

    @tool
    def wrapped(frame_index):
        return {"wrapped": frame_index}

    assert run(wrapped, {"frame_index": 1}) == {"wrapped": 1}


def test_params_are_checked_against_annotations_and_unknown_ones_refused():
    @tool
    def scaled(frame_index, *, by: Annotated[float, msgspec.Meta(ge=0)] = 2, offset=1, mode=None):
        return frame_index * by + offset

    assert run(scaled, {"frame_index": 3}) == {"scaled": 7}
    assert run(scaled, {"frame_index": 3}, by=0.5, offset=0, mode="any") == {"scaled": 1.5}
    for wrong in ({"by": -1}, {"by": "1"}, {"offset": 0.5}, {"unknown": 1}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, scaled.Params)


def test_a_mutable_default_is_not_shared():
    @tool
    def growing(frame_index, *, seen: list[int] = []):  # noqa: B006 - what is tested
        seen.append(frame_index)
        return len(seen)

    assert run(growing, {"frame_index": 1}) == {"growing": 1}
    assert run(growing, {"frame_index": 1}) == {"growing": 1}


def test_a_tool_has_a_title_of_its_own_or_its_name_made_readable():
    @tool(title="Light")
    def brightness(image):
        return 1

    @tool
    def cups_on_table(image):
        return 1

    assert title_of(brightness) == "Light"
    assert title_of(cups_on_table) == "Cups on table"


def test_the_function_can_still_be_called_by_hand():
    @tool
    def doubled(frame_index):
        return 2 * frame_index

    assert doubled.function(4) == 8


def with_default(image, gain=1.0): ...
def with_star(*images): ...
def with_stars(image, **params): ...
def without_default(image, *, gain): ...
def with_unknown_type(image, *, gain: "NoSuchType" = 1): ...  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (with_default, "takes no default"),
        (with_star, "name every value"),
        (with_stars, "name every value"),
        (without_default, "needs a default"),
        (with_unknown_type, "cannot be resolved"),
    ],
)
def test_a_signature_that_does_not_fit_is_refused_with_the_reason(function, problem):
    with pytest.raises(DefinitionError, match=problem):
        tool(function)
