"""What a definition must not be, and what its plan says."""

import json
import os

import pytest

from streamlab.errors import DefinitionError, SettingError
from streamlab.pipelines.definition import parse_definition
from streamlab.pipelines.graph import FRAME, compile_pipeline
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.tools.registry import ToolRegistry

DETECT = {"id": "detect", "tool": "yolo_detect"}
TRACK = {"id": "track", "tool": "track"}
READ = {"id": "read", "tool": "read_tracks"}
PAGE = {"id": "page", "tool": "ocr_text"}
NOOP = {"id": "noop", "tool": "noop"}

FAULTS = {
    "no id": ({"nodes": [NOOP]}, "id", None),
    "an id that is no identifier": ({"id": "a b", "nodes": [NOOP]}, "id", None),
    "no nodes": ({"id": "p", "nodes": []}, "nodes", None),
    "nodes that are no list": ({"id": "p", "nodes": {}}, "nodes", None),
    "a field too many": ({"id": "p", "nodes": [NOOP], "colour": 1}, "colour", None),
    "an edge of three": ({"id": "p", "nodes": [NOOP], "edges": [["a", "b", "c"]]}, "edges", None),
    "unknown tool": (
        {"id": "p", "nodes": [{"id": "a", "tool": "magic"}]},
        "unknown tool 'magic'",
        "a",
    ),
    "two nodes of one id": ({"id": "p", "nodes": [NOOP, NOOP]}, "two nodes", "noop"),
    "the frame's own id": (
        {"id": "p", "nodes": [{"id": "frame", "tool": "noop"}]},
        "reserved",
        "frame",
    ),
    "an edge to nowhere": (
        {"id": "p", "nodes": [DETECT], "edges": [["detect", "gone"]]},
        "no such node",
        "gone",
    ),
    "a cycle": (
        {"id": "p", "nodes": [DETECT, TRACK], "edges": [["detect", "track"], ["track", "detect"]]},
        "cycle",
        ...,
    ),
    "a node before itself": (
        {"id": "p", "nodes": [DETECT], "edges": [["detect", "detect"]]},
        "cycle",
        "detect",
    ),
    "an unreachable node": ({"id": "p", "nodes": [DETECT, PAGE]}, "unreachable", "page"),
    "an input that nobody produces": ({"id": "p", "nodes": [TRACK]}, "detections", "track"),
    "an input produced only later": (
        {"id": "p", "nodes": [TRACK, DETECT], "edges": [["track", "detect"]]},
        "no predecessor produces",
        "track",
    ),
    "params that the tool does not take": (
        {"id": "p", "nodes": [{**DETECT, "params": {"speed": 3}}]},
        "speed",
        "detect",
    ),
    "a param out of range": (
        {"id": "p", "nodes": [{**DETECT, "params": {"score_threshold": 3}}]},
        "score_threshold",
        "detect",
    ),
    "params for a tool that takes none": (
        {"id": "p", "nodes": [{**NOOP, "params": {"x": 1}}]},
        "it takes: none",
        "noop",
    ),
    "rivals": (
        {
            "id": "p",
            "nodes": [DETECT, {**DETECT, "id": "second"}, TRACK],
            "edges": [["detect", "track"], ["second", "track"]],
        },
        "both produce detections",
        ...,
    ),
}


@pytest.mark.parametrize(("raw", "words", "node"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_definition_is_refused_with_its_file_and_node(tmp_path, raw, words, node):
    path = tmp_path / "faulty.json"
    path.write_text(json.dumps(raw))
    with pytest.raises(DefinitionError) as caught:
        PipelineRegistry().add(path)
    line = str(caught.value)
    assert "faulty.json" in line
    assert words in line
    assert "\n" not in line
    if node is not ...:
        assert caught.value.node == node
        assert node is None or repr(node) in line


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"id": 3}'])
def test_what_is_no_definition_is_refused(tmp_path, text):
    path = tmp_path / "faulty.json"
    path.write_bytes(text)
    with pytest.raises(DefinitionError, match=r"faulty\.json"):
        parse_definition(path)


def test_what_is_nested_too_deeply_or_no_file_is_refused(tmp_path):
    deep = b'{"id":"d","nodes":[{"id":"n","tool":"noop","params":{"a":%s}}]}'
    (tmp_path / "deep.json").write_bytes(deep % (b"[" * 100_000 + b"]" * 100_000))
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    registry = PipelineRegistry.load(tmp_path)
    lines = sorted(str(problem) for problem in registry.problems)
    assert [line.rpartition(": ")[2] for line in lines] == [
        "nested too deeply",
        "not a file",
        "not a file",
    ]


def test_the_plan_orders_nodes_and_says_who_provides_what():
    raw = {
        "id": "p",
        "nodes": [READ, TRACK, DETECT],
        "edges": [["track", "read"], ["detect", "track"]],
    }
    plan = compile_pipeline(parse_definition(raw), ToolRegistry())
    assert [node.id for node in plan.nodes] == ["detect", "track", "read"]
    by_id = {node.id: node.providers for node in plan.nodes}
    assert by_id["detect"] == {"image": FRAME}
    assert by_id["track"]["detections"] == "detect"
    assert by_id["read"]["detections"] == "track"
    assert plan.outputs["detections"] == "read"
    assert "tracks" not in plan.outputs


def test_a_bad_file_keeps_neither_the_others_nor_the_server_from_loading(tmp_path):
    (tmp_path / "good.json").write_text(json.dumps({"id": "mine", "nodes": [NOOP]}))
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "taken.json").write_text(json.dumps({"id": "yolo", "nodes": [NOOP]}))
    registry = PipelineRegistry.load(tmp_path)
    assert "mine" in registry
    assert "yolo_ocr" in registry
    assert registry["yolo"].nodes[0].tool.name == "yolo_detect"
    lines = [str(problem) for problem in registry.problems]
    assert len(lines) == 2
    assert any("bad.json" in line for line in lines)
    assert any("taken.json" in line and "is taken" in line for line in lines)


OWN = '{"id": "own", "nodes": [{"id": "d", "tool": "yolo_detect"}]}'


def test_a_registry_is_loaded_from_a_folder_by_name_path_or_environment(tmp_path, monkeypatch):
    (tmp_path / "own.json").write_text(OWN)
    for folder in (tmp_path, str(tmp_path)):
        assert "own" in PipelineRegistry.load(folder)
    monkeypatch.delenv("STREAM_PIPELINES_DIR", raising=False)
    assert "own" not in PipelineRegistry.load()
    monkeypatch.setenv("STREAM_PIPELINES_DIR", str(tmp_path))
    assert "own" in PipelineRegistry.load()
    # what is said wins
    other = tmp_path / "other"
    other.mkdir()
    assert "own" not in PipelineRegistry.load(other)
    assert "own" not in PipelineRegistry.load(None)


@pytest.mark.parametrize("folder", ["nowhere", "own.json", 3, ["folder"], "", "x" * 5000, "a\0b"])
def test_what_is_no_folder_of_pipelines_is_refused_in_a_sentence(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.json").write_text(OWN)
    with pytest.raises(DefinitionError, match="an existing folder is allowed"):
        PipelineRegistry.load(folder)
    monkeypatch.setenv("STREAM_PIPELINES_DIR", "nowhere")
    with pytest.raises(SettingError, match="STREAM_PIPELINES_DIR='nowhere': an existing folder"):
        PipelineRegistry.load()
