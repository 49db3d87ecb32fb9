"""Running a pipeline: what nodes get, what comes out, and what is told when one fails."""

import msgspec
import numpy as np
import pytest

from streamlab.errors import DefinitionError, InvalidPipelineError, PipelineFailureError
from streamlab.media.frames import encode
from streamlab.pipelines.dag import DagPipelineService
from streamlab.pipelines.detection_filter import ALL_DETECTIONS
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.pipelines.video import VideoFilePipelineService
from streamlab.tools.function import tool
from streamlab.tools.registry import ToolRegistry
from streamlab.tools.shapes import Line
from streamlab.tools.tool import Tool
from streamlab.workers.host import SessionHost

IMAGE = np.zeros((8, 8, 3), np.uint8)


class Counter(Tool):
    """Counts the frames of its session; says how often it was loaded."""

    name = "counter"
    reads = frozenset({"image"})
    produces = frozenset({"count", "loads"})
    loads = 0

    def load(self):
        Counter.loads += 1

    def open(self):
        count = 0

        def step(values):
            nonlocal count
            count += 1
            return {"count": count, "loads": Counter.loads}

        return step


@tool(produces="brightness")
def brightness(image, *, scale: float = 1.0):
    return image.mean() * scale


@tool(produces="size")
def size_of_nothing(image):
    return {"size": object()}


@tool(produces=("left", "right"))
def forgetful(image):
    return {"left": 1}


@tool(produces="loop")
def cyclic(image):
    values = []
    values.append(values)
    return values


@tool(produces="half")
def half_a_character(image):
    return "\ud800"


@tool(produces="never")
def quits(image):
    raise SystemExit(3)


class SpeechlessError(Exception):
    def __str__(self):
        raise ValueError("no words")


@tool(produces="never")
def speechless(image):
    raise SpeechlessError


def service(*definitions):
    tools = ToolRegistry()
    for each in (*TOOLS, Counter, brightness):
        tools.register(each)
    registry = PipelineRegistry(tools)
    for definition in definitions:
        registry.add(definition)
    return DagPipelineService(registry)


TOOLS = (size_of_nothing, forgetful, cyclic, half_a_character, quits, speechless)


def one_node(tool_name, **params):
    return {"id": tool_name, "nodes": [{"id": "node", "tool": tool_name, "params": params}]}


def test_sessions_share_what_is_loaded_and_not_what_is_remembered():
    Counter.loads = 0
    dag = service(one_node("counter"))
    first, second = dag.open("counter"), dag.open("counter")
    assert [first(IMAGE, i)[0]["count"] for i in range(3)] == [1, 2, 3]
    assert second(IMAGE, 0)[0] == {"count": 1, "loads": 1}


def test_nodes_of_different_params_do_not_share():
    Counter.loads = 0
    two = {
        "id": "two",
        "nodes": [
            {"id": "dim", "tool": "brightness", "params": {"scale": 0.5}},
            {"id": "count", "tool": "counter"},
        ],
        "edges": [["dim", "count"]],
    }
    result, nodes_ms = service(two, one_node("brightness")).open("two")(IMAGE + 100, 0)
    assert result["brightness"] == pytest.approx(50)
    assert list(nodes_ms) == ["dim", "count"]


def test_numbers_of_numpy_become_plain(jpeg):
    done = VideoFilePipelineService(service(one_node("brightness"))).run_on_frame(
        "brightness", jpeg
    )
    assert type(done.result["brightness"]) is float


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("forgetful", "right"),
        ("size_of_nothing", "'size' cannot be sent: TypeError"),
        ("cyclic", "'loop' cannot be sent: RecursionError"),
        ("half_a_character", "'half' cannot be sent: UnicodeEncodeError"),
        ("quits", "SystemExit: 3"),
        ("speechless", "SpeechlessError"),
    ],
)
def test_a_tool_that_breaks_its_promise_is_named(jpeg, name, words):
    frames = VideoFilePipelineService(service(one_node(name)))
    with pytest.raises(PipelineFailureError, match=words) as caught:
        frames.run_on_frame(name, jpeg)
    assert caught.value.node == "node"
    assert "\n" not in str(caught.value)


def test_an_unknown_pipeline_is_told_with_the_known_ones(jpeg):
    frames = VideoFilePipelineService(service(one_node("counter")))
    assert frames.is_valid_pipeline("counter")
    assert not frames.is_valid_pipeline("magic")
    with pytest.raises(InvalidPipelineError, match="known: counter"):
        frames.run_on_frame("magic", jpeg)


def counting(factor):
    @tool(name="counting")
    def counting(frame_index):
        return frame_index * factor

    return counting


def test_a_cell_that_adds_a_tool_and_its_pipeline_can_be_run_again():
    registry = PipelineRegistry(ToolRegistry())
    dag = DagPipelineService(registry)
    running = []
    for factor in (2, 3):
        registry.tools.register(counting(factor))
        registry.add(one_node("counting"), replace=True)
        running.append(dag.open("counting"))
    assert [run(IMAGE, 5)[0]["counting"] for run in running] == [10, 15]


def test_a_tool_that_is_registered_again_is_that_of_all_pipelines_from_then_on():
    registry = PipelineRegistry(ToolRegistry())
    dag = DagPipelineService(registry)
    registry.tools.register(counting(2))
    registry.add(one_node("counting"))
    before = dag.open("counting")
    registry.tools.register(counting(3))
    assert dag.open("counting")(IMAGE, 5)[0] == {"counting": 15}
    assert before(IMAGE, 5)[0] == {"counting": 10}


def test_a_tool_that_no_longer_fits_its_pipeline_is_told_when_that_is_opened():
    registry = PipelineRegistry(ToolRegistry())
    registry.tools.register(counting(2))
    registry.add(one_node("counting"))

    @registry.tools.register
    @tool(name="counting")
    def of_tracks(tracks):
        return len(tracks)

    with pytest.raises(PipelineFailureError, match="reads tracks, which no predecessor produces"):
        DagPipelineService(registry).open("counting")


def test_an_id_is_taken_unless_it_is_to_be_replaced_and_then_only_by_what_is_right():
    registry = PipelineRegistry(ToolRegistry())
    registry.tools.register(counting(2))
    first = registry.add(one_node("counting"))
    with pytest.raises(DefinitionError, match="replace=True replaces it"):
        registry.add(one_node("counting"))
    with pytest.raises(DefinitionError, match="unknown tool"):
        registry.add({**one_node("missing"), "id": "counting"}, replace=True)
    assert registry["counting"] is first
    second = registry.add({**one_node("counting"), "title": "Second"}, replace=True)
    assert registry["counting"] is second
    assert registry.ids() == ["counting"]


def test_a_worker_process_runs_the_newer_definition_of_an_id():
    host = SessionHost(DagPipelineService(PipelineRegistry(ToolRegistry())), owns_pipelines=True)
    for session, node in (("a", "first"), ("b", "second")):
        definition = {"id": "same", "nodes": [{"id": node, "tool": "noop"}]}
        host.open(session, msgspec.json.encode(definition))
    jpeg = encode(IMAGE)
    runs = [host.run(each, 0, jpeg, ALL_DETECTIONS) for each in "ab"]
    assert [list(done.nodes_ms) for done in runs] == [["first"], ["second"]]


@tool(produces="detections")
def dicts(image):
    return [{"x": 1, "y": 2, "width": np.float32(30), "height": 10, "label": "cup", "score": 0.9}]


@tool(produces="shapes")
def gate(image):
    return [Line([(0, 4), (8, 4)], label="gate")]


@tool(produces=("shapes", "count"))
def named(detections):
    return {"shapes": [{"kind": "text", "x": 1, "y": 1, "text": "1 cup"}], "count": len(detections)}


@tool(produces="detections")
def tuples(image):
    return [(1, 2, 30, 10)]


@tool(produces="shapes")
def point(image):
    return [Line([(0, 4)])]


class Listless(Counter):
    name = "listless"

    def open(self):
        return lambda values: None


def with_tools(*tools):
    registry = PipelineRegistry(ToolRegistry())
    for each in tools:
        registry.tools.register(each)
    return registry


def test_dicts_are_detections_to_every_node_after_them():
    registry = with_tools(dicts)
    registry.add(
        {
            "id": "follow",
            "nodes": [{"id": "find", "tool": "dicts"}, {"id": "track", "tool": "track"}],
            "edges": [["find", "track"]],
        }
    )
    result, _ = DagPipelineService(registry).open("follow")(IMAGE, 0)
    box = {"x": 1, "y": 2, "width": 30, "height": 10}
    assert result == {"detections": [{**box, "label": "cup", "score": 0.9, "track_id": 1}]}


def test_the_shapes_of_all_nodes_are_drawn_in_the_order_of_the_nodes():
    registry = with_tools(dicts, gate, named)
    nodes = [("find", "dicts"), ("count", "named"), ("line", "gate")]
    registry.add(
        {
            "id": "drawn",
            "nodes": [{"id": id_, "tool": tool} for id_, tool in nodes],
            "edges": [["find", "count"], ["find", "line"]],
        }
    )
    plan = registry["drawn"]
    result, _ = DagPipelineService(registry).open("drawn")(IMAGE, 0)
    kinds = {"count": "text", "line": "line"}
    assert result["count"] == 1
    assert [each["kind"] for each in result["shapes"]] == [
        kinds[node.id] for node in plan.nodes if node.id in kinds
    ]


@pytest.mark.parametrize(
    ("tool_class", "words"),
    [
        (
            tuples,
            r"node 'node': detections\[0\] is of type tuple; a streamlab.Detection, or a dict",
        ),
        (Listless, "node 'node': its step returned a NoneType, not a mapping of what it produces"),
    ],
)
def test_a_result_that_is_not_allowed_is_refused_in_a_sentence_without_a_traceback(
    tool_class, words
):
    registry = with_tools(tool_class)
    registry.add(one_node(tool_class.name))
    with pytest.raises(PipelineFailureError, match=words) as caught:
        DagPipelineService(registry).open(tool_class.name)(IMAGE, 0)
    assert caught.value.report == ""


def test_a_shape_that_cannot_be_drawn_is_told_by_the_line_that_makes_it():
    registry = with_tools(point)
    registry.add(one_node("point"))
    with pytest.raises(PipelineFailureError, match=r"2 points or more, not 1 \(line \d+ of point"):
        DagPipelineService(registry).open("point")(IMAGE, 0)


def test_no_node_reads_shapes():
    @tool
    def reader(shapes):
        return len(shapes)

    registry = with_tools(gate, reader)
    with pytest.raises(DefinitionError, match="'reader' reads shapes, which no tool can read"):
        registry.add(
            {
                "id": "read",
                "nodes": [{"id": "line", "tool": "gate"}, {"id": "read", "tool": "reader"}],
                "edges": [["line", "read"]],
            }
        )
