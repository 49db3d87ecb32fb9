"""The settings as Jupyter's configuration: variable, trait, and what becomes of a bad value."""

import logging
from dataclasses import fields
from pathlib import Path

import pytest
from streamlab_jupyter.app import StreamlabApp

from streamlab.settings import Settings, meaning_of, variable_of

NAMES = [setting.name for setting in fields(Settings)]
DOCS = Path(__file__).parents[2] / "docs" / "jupyter.md"
OWN = ["workers", "worker_kind", "preload", "log_json"]


def extension(serverapp):
    return serverapp.extension_manager.extension_points["streamlab"].app


def complaints(log):
    """Return the errors; what Jupyter says as critical is its address."""
    return [
        record
        for record in log
        if record.levelno == logging.ERROR
        or (record.levelno > logging.ERROR and record.name == "StreamlabApp")
    ]


@pytest.fixture
def log():
    """What the server and the extension log from their start on, when nothing else listens yet."""
    records = []

    def take(record):
        records.append(record)
        return True

    loggers = [logging.getLogger(name) for name in ("ServerApp", "StreamlabApp")]
    for logger in loggers:
        logger.addFilter(take)
    yield records
    for logger in loggers:
        logger.removeFilter(take)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_a_trait_that_says_what_it_means_and_its_variable(name):
    trait = StreamlabApp.class_traits(config=True)[name]
    assert meaning_of(name) in trait.help
    assert variable_of(name) in trait.help
    assert trait.default_value == getattr(Settings, name)


@pytest.mark.parametrize("name", NAMES + OWN)
def test_every_trait_stands_in_the_documentation_with_its_variable_and_default(name):
    row = next(line for line in DOCS.read_text().splitlines() if line.startswith(f"| `{name}`"))
    default = StreamlabApp.class_traits(config=True)[name].default_value
    assert f"`{default}`" in row or (default is None and "unset" in row)
    if name in NAMES:
        assert f"`{variable_of(name)}`" in row


def test_a_variable_is_the_default_and_the_configuration_overrides_it(
    monkeypatch, jp_configurable_serverapp, tmp_path
):
    monkeypatch.setenv("STREAM_DROP_THRESHOLD", "0.2")
    monkeypatch.setenv("STREAM_SLOWDOWN_THRESHOLD", "0.4")
    monkeypatch.setenv("STREAM_PIPELINES_DIR", str(tmp_path))
    app = jp_configurable_serverapp(
        config={"StreamlabApp": {"drop_threshold": 0.35}},
        argv=["--StreamlabApp.max_sessions=3", "--StreamlabApp.workers=5"],
    )
    assert extension(app).stream_settings == Settings(
        drop_threshold=0.35, slowdown_threshold=0.4, max_sessions=3, pipelines_dir=tmp_path
    )
    assert extension(app).workers == 5


BAD = [
    ({}, {"STREAM_DROP_THRESHOLD": "much"}, "STREAM_DROP_THRESHOLD='much': a number from 0 to 1"),
    ({}, {"STREAM_PIPELINES_DIR": "/no/where"}, "STREAM_PIPELINES_DIR='/no/where': an existing"),
    ({}, {"STREAM_DEVICE": "abacus"}, "STREAM_DEVICE='abacus': one of auto, cpu, openvino"),
    ({}, {"STREAM_YOLO_WEIGHTS": "/no/where.onnx"}, "/no/where.onnx: no such file of weights"),
    ({"yolo_weights": "mine.txt"}, {}, "mine.txt: weights end in .onnx or .pt, or are gate_conv"),
    ({"device": "directml"}, {}, "device 'directml' is not here: it needs Windows"),
    ({"max_sessions": 0}, {}, "StreamlabApp.max_sessions=0: a whole number from 1 up is allowed"),
    ({"max_frame_size_mb": -1}, {}, "StreamlabApp.max_frame_size_mb=-1.0: a number of MiB above 0"),
    ({"slowdown_threshold": "much"}, {}, "'slowdown_threshold' trait of a StreamlabApp"),
    ({"worker_kind": "cloud"}, {}, "'worker_kind' trait of a StreamlabApp"),
    ({"workers": 0}, {}, "'workers' trait of a StreamlabApp"),
    (
        {"drop_threshold": 0.5},
        {"STREAM_SLOWDOWN_THRESHOLD": "0.4"},
        "STREAM_SLOWDOWN_THRESHOLD='0.4': the slow-down threshold may not be under the drop "
        "threshold (StreamlabApp.drop_threshold=0.5)",
    ),
]


@pytest.mark.parametrize(("configured", "variables", "told"), BAD, ids=[row[2][:40] for row in BAD])
def test_a_bad_value_leaves_the_extension_out_with_one_line_and_jupyter_running(
    monkeypatch, log, jp_configurable_serverapp, configured, variables, told
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    app = jp_configurable_serverapp(config={"StreamlabApp": configured})
    (record,) = complaints(log)
    assert record.getMessage().startswith("streamlab is not loaded: ")
    assert told in record.getMessage()
    assert "\n" not in record.getMessage()
    assert not any(record.exc_info for record in log)
    messages = [record.getMessage() for record in log]
    assert "streamlab_jupyter | extension was successfully loaded." not in messages
    assert "jupyter_server_terminals | extension was successfully loaded." in messages
    assert extension(app).service is None


def test_a_bad_value_in_the_extensions_own_file_does_not_end_jupyter(
    log, jp_configurable_serverapp, jp_config_dir
):
    file = jp_config_dir / "jupyter_streamlab_config.json"
    file.write_text('{"StreamlabApp": {"drop_threshold": 7}}')
    app = jp_configurable_serverapp()
    named, left_out = [record.getMessage() for record in complaints(log)]
    assert "StreamlabApp.drop_threshold=7.0: a number from 0 to 1 is allowed" in named
    assert left_out.startswith("streamlab is not loaded: its configuration file has a bad value")
    assert extension(app).service is None


def test_a_pipeline_that_cannot_be_used_is_left_out_with_a_warning(
    log, jp_configurable_serverapp, tmp_path
):
    (tmp_path / "broken.json").write_text('{"id": "broken", "nodes": []}')
    app = jp_configurable_serverapp(config={"StreamlabApp": {"pipelines_dir": str(tmp_path)}})
    assert extension(app).service is not None
    (told,) = [line for line in map(logging.LogRecord.getMessage, log) if "left out" in line]
    assert "broken.json" in told
