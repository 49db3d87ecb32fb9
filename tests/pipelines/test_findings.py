"""What a pipeline finds, and the filter within it, wherever a pipeline runs."""

import json
import subprocess
import sys
from typing import Any

import pytest

from streamlab.errors import OptionError
from streamlab.media import frames
from streamlab.media.samples import find_video
from streamlab.media.video import read_frames
from streamlab.pipelines.dag import DagPipelineService
from streamlab.pipelines.findings import Findings, listed
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.pipelines.video import VideoFilePipelineService
from streamlab.tools.tool import Tool

BUNDLED = ("vehicle", "plate", "parcel", "label")


class Finder(Tool):
    name = "finder"
    reads = frozenset({"image"})
    produces = frozenset({"detections"})
    known = ("red", "blue")
    found = (
        {"x": 1, "y": 1, "width": 2, "height": 2, "label": "red", "score": 0.9, "text": "a"},
        {"x": 1, "y": 1, "width": 2, "height": 2, "label": "blue", "score": 0.4, "text": "b"},
    )

    @classmethod
    def labels(cls, params):
        if isinstance(cls.known, Exception):
            raise cls.known
        return cls.known

    def open(self):
        return lambda values: {"detections": self.found}


class Counter(Tool):
    """Counts what reaches it, and hands it on with a detection of its own."""

    name = "counter"
    reads = frozenset({"detections"})
    produces = frozenset({"detections", "count"})

    def open(self):
        def step(values):
            found = values["detections"]
            own = {"x": 0, "y": 0, "width": 1, "height": 1, "label": "own", "score": 0.1}
            return {"count": len(found), "detections": [*found, own]}

        return step


def registry(*tools):
    pipelines = PipelineRegistry()
    for tool in tools:
        pipelines.tools.register(tool)
    pipelines.add(
        {
            "id": "found",
            "nodes": [{"id": "find", "tool": "finder"}, {"id": "count", "tool": "counter"}],
            "edges": [["find", "count"]],
        }
    )
    return pipelines


def finder(**changes):
    return type("Finder", (Finder,), changes)


def one_node(**params):
    pipelines = PipelineRegistry()
    return pipelines.add(
        {"id": "one", "nodes": [{"id": "detect", "tool": "yolo_detect", "params": params}]}
    )


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, Findings(True, BUNDLED, 0.25)),
        ({"score_threshold": 0.6}, Findings(True, BUNDLED, 0.6)),
        ({"labels": ["label", "plate"]}, Findings(True, ("plate", "label"), 0.25)),
        ({"weights": "gone.onnx"}, Findings(True, None, 0.25)),
        ({"weights": "gone.onnx", "labels": ["cup"]}, Findings(True, None, 0.25)),
    ],
)
def test_what_a_yolo_node_finds_stands_in_its_weights_and_params(params, expected):
    assert one_node(**params).findings == expected


def test_pt_weights_do_not_tell_but_the_nodes_own_labels_do(tmp_path):
    weights = tmp_path / "own.pt"
    weights.write_bytes(b"PK")
    assert one_node(weights=str(weights)).findings.labels is None
    assert one_node(weights=str(weights), labels=["cup"]).findings.labels == ("cup",)


def test_the_weights_of_the_environment_are_those_that_count(monkeypatch, tmp_path):
    weights = tmp_path / "noise.onnx"
    weights.write_bytes(b"\x80 no model" * 50)
    monkeypatch.setenv("STREAM_YOLO_WEIGHTS", str(weights))
    assert one_node().findings == Findings(True, None, 0.25)


def test_nothing_is_loaded_to_tell_what_a_pipeline_finds():
    code = (
        "import sys\n"
        "from streamlab.server.service import StreamService\n"
        "told = StreamService().describe_pipelines()['pipelines']\n"
        "assert any(pipeline['labels'] for pipeline in told)\n"
        "print(*sorted({'onnxruntime', 'torch', 'cv2'} & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr


def test_weights_are_looked_into_once():
    asked = []

    class Once(Finder):
        @classmethod
        def labels(cls, params):
            asked.append(params)
            return ("red",)

    plan = registry(Once, Counter)["found"]
    assert asked == [], "not before anybody asks"
    assert plan.findings is plan.findings
    assert len(asked) == 1


def test_a_search_for_text_finds_text():
    assert PipelineRegistry.load()["scene_text"].findings == Findings(True, ("text",), None)


def test_a_pipeline_that_only_reads_detections_does_not_detect():
    pipelines = PipelineRegistry.load()
    for name in ("noop", "ocr"):
        assert pipelines[name].findings == Findings(False, None, None)


@pytest.mark.parametrize(
    ("known", "expected"),
    [(("red",), ("red",)), (["a", "b"], ("a", "b")), (None, None), (ValueError("x"), None)],
)
def test_a_tool_of_a_user_tells_its_labels_or_they_are_not_known(known, expected):
    plan = registry(finder(known=known), Counter)["found"]
    assert plan.findings == Findings(True, expected, None)


def test_several_detecting_nodes_find_together_what_each_knows():
    pipelines = PipelineRegistry()
    pipelines.tools.register(Finder)
    plan = pipelines.add(
        {
            "id": "two",
            "nodes": [{"id": "a", "tool": "finder"}, {"id": "b", "tool": "yolo_detect"}],
            "edges": [["a", "b"]],
        }
    )
    assert plan.findings == Findings(True, ("red", "blue", *BUNDLED), None)


@pytest.mark.parametrize(
    ("settings", "count", "labels"),
    [
        ({}, 2, ["red", "blue", "own"]),
        ({"min_score": 0.5}, 1, ["red", "own"]),
        ({"labels": ["blue"]}, 1, ["blue", "own"]),
        ({"min_score": 0.5, "labels": ["blue"]}, 0, ["own"]),
    ],
)
def test_successors_see_what_passes_and_what_they_add_is_theirs(jpeg, settings, count, labels):
    service = VideoFilePipelineService(DagPipelineService(registry(Finder, Counter)))
    result = service.run_on_frame("found", jpeg, **settings).result
    assert result["count"] == count
    assert [found["label"] for found in result["detections"]] == labels
    assert all("text" in found for found in result["detections"][:-1])


@pytest.mark.parametrize(
    ("pipeline_id", "settings", "words"),
    [
        ("yolo", {"labels": ["dog"]}, "labels='dog': the pipeline 'yolo' finds vehicle, plate, pa"),
        ("yolo", {"min_score": 2}, "from 0 to 1"),
        ("ocr", {"min_score": 0.5}, "min_score=0.5: the pipeline 'ocr' detects nothing"),
        ("noop", {"labels": ["plate"]}, "labels=['plate']: the pipeline 'noop' detects nothing"),
    ],
)
def test_what_a_pipeline_does_not_take_is_refused_offline_too(jpeg, pipeline_id, settings, words):
    service = VideoFilePipelineService()
    with pytest.raises(OptionError) as on_frame:
        service.run_on_frame(pipeline_id, jpeg, **settings)
    with pytest.raises(OptionError) as on_file:
        service.run_on_file(find_video("gate_easy"), pipeline_id, **settings)
    assert words in str(on_frame.value)
    assert str(on_frame.value) == str(on_file.value)


def test_a_file_is_run_with_the_same_filter_as_a_frame():
    service = VideoFilePipelineService()
    path = find_video("gate_easy")
    wanted: dict[str, Any] = {"min_score": 0.8, "labels": ["plate"]}
    of_file = [done.result for done in service.run_on_file(path, "yolo", 10, 5, **wanted)]
    images = [image for index, image in enumerate(read_frames(path)) if index % 10 == 0][:5]
    of_frames = [
        service.run_on_frame("yolo", frames.encode(image), **wanted).result for image in images
    ]
    assert json.dumps(of_file) == json.dumps(of_frames)
    found = [found for result in of_file for found in result["detections"]]
    assert found
    assert all(each["label"] == "plate" and each["score"] >= 0.8 for each in found)


def test_a_long_list_of_labels_is_cut():
    labels = tuple(f"label {number}" for number in range(300))
    assert listed(labels).endswith("label 99 and 200 more")
    assert listed(labels[:100]).endswith("label 99")
