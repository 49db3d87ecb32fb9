"""A setting that is declared once is found wherever settings are given, read, shown or told."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from throwaway import copy_with_setting

PROBE = Path(__file__).parent / "support" / "throwaway_probe.py"
ALLOWED = "a number from 0 to 9 is allowed"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What a copy of the package with one more field says of it."""
    folder = tmp_path_factory.mktemp("copy")
    environment = copy_with_setting(folder)
    done = subprocess.run(
        [sys.executable, PROBE, folder],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_new_setting_has_its_variable(found):
    assert found["environment"] == [2.0, f"STREAM_PATIENCE='99': {ALLOWED}"]
    assert found["export"] == ["STREAM_PATIENCE=2\n", "c.StreamlabApp.patience = 2\n"]


def test_a_new_setting_is_a_parameter_of_the_url_and_can_be_changed_by_patch(found):
    servers, given, refused = found["URL"]
    assert (servers, given) == (2.0, 3.0)
    assert refused == f"patience='99': {ALLOWED}"
    assert found["PATCH"] == [2.0, 4.0, f"patience='99': {ALLOWED}"]


def test_a_new_setting_is_a_trait_with_its_help(found):
    about, default, configured, refused = found["traits"]
    assert about.startswith("a setting for a test (0 to 9). The default comes from STREAM_PATIENCE")
    assert (default, configured) == (0.5, 5.0)
    assert refused == f"StreamlabApp.patience=99.0: {ALLOWED}"


def test_a_new_setting_is_an_option_of_both_commands(found):
    serve, stream, refused = found["command line"]
    assert "--patience NUMBER" in serve
    assert "STREAM_PATIENCE, else 0.5" in " ".join(serve.split())
    assert "--patience NUMBER" in stream
    assert "Invalid value for '--patience': '99': " + ALLOWED in " ".join(refused.split())


def test_a_new_setting_is_an_option_of_the_lab_and_of_a_replay(found):
    assert found["lab"] == [6, True, f"patience=99: {ALLOWED}"]
    assert found["replay"] == [6, 7, f"patience=99: {ALLOWED}"]


def test_a_new_setting_has_sliders(found):
    assert found["slider"] == [0.0, 9.0, 0.5, 8]
    assert "patience" in found["knobs"]
    assert found["browser"] == {
        "label": "Patience",
        "unit": "",
        "default": None,
        "help": "a setting for a test",
        "tunable": True,
        "min": 0.0,
        "max": 9.0,
        "step": 0.5,
    }
    assert found["live view"] == [None, 3.0, f"patience=99: {ALLOWED}"]


def test_a_new_setting_stands_in_the_tables_of_every_page(found):
    assert "`window_s`, `patience` | the server's |" in found["tables"].pop("live_view.md")[0]
    assert found["tables"] == {
        "serving.md": ["| `STREAM_PATIENCE` | `0.5` | a setting for a test (0 to 9) |"],
        "jupyter.md": [
            "| `patience` | `STREAM_PATIENCE` | `0.5` | a setting for a test (0 to 9) |"
        ],
        "protocol.md": [
            "| `patience` | `STREAM_PATIENCE` | of this session alone; "
            "a setting for a test (0 to 9) |"
        ],
        "lab.md": [
            "| `patience` | `--patience` | the server's | a setting for a test (0 to 9) |",
            "| `patience` | a setting for a test (0 to 9) |",
        ],
    }
