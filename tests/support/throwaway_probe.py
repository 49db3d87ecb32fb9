"""Run in the copy of `throwaway.py`: prints where the setting is found, as JSON."""
# mypy: ignore-errors
# the setting is there in the copy alone

import inspect
import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from click.testing import CliRunner
from streamlab_jupyter.app import StreamlabApp
from traitlets import TraitError
from traitlets.config import Config

import streamlab
from streamlab import cli
from streamlab.errors import StreamlabError
from streamlab.lab import LiveView
from streamlab.lab.tuning.knobs import KNOBS
from streamlab.replay.export import environment_lines, jupyter_config
from streamlab.settings import Settings
from streamlab.testing import TestClient

FOLDER = Path(sys.argv[1])
STREAM = "/ws/video/stream?pipeline_id=noop"


def refusal(call):
    """Return what is said of a value that is not allowed."""
    try:
        call()
    except (StreamlabError, TraitError) as error:
        return str(error)
    return None


def environment():
    read = Settings.from_environment({"STREAM_PATIENCE": "2"}).backpressure.patience
    return read, refusal(lambda: Settings.from_environment({"STREAM_PATIENCE": "99"}))


def session(client, query=""):
    with client.websocket_connect(STREAM + query):
        *_, live = client.get("/streamlab/sessions").json()["sessions"]
        path = f"/streamlab/sessions/{live['session_id']}"
        changed = client.request("PATCH", path, content=b'{"patience": 4}')
        refused = client.request("PATCH", path, content=b'{"patience": 99}')
        return live["patience"], changed.json()["patience"], refused.json()["detail"]


def url(client):
    with client.websocket_connect(f"{STREAM}&patience=99") as socket:
        refused = socket.receive_json()["detail"]
    return session(client)[0], session(client, "&patience=3")[0], refused


def traits():
    trait = StreamlabApp.class_traits(config=True)["patience"]
    made = StreamlabApp(config=Config({"StreamlabApp": {"patience": 5}})).make_settings()
    refused = refusal(lambda: StreamlabApp(config=Config({"StreamlabApp": {"patience": 99}})))
    return trait.help, trait.default_value, made.patience, refused


def command_line():
    def run(*arguments):
        return CliRunner().invoke(cli.main, arguments).output

    refused = run("serve", "--patience", "99")
    return run("serve", "--help"), run("stream", "--help"), refused


def tables():
    spec = spec_from_file_location("tables", FOLDER / "docs" / "make_setting_tables.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return {
        name: [line for line in text.splitlines() if "patience" in line.lower()]
        for name, text in module.pages().items()
    }


def main():
    assert Path(streamlab.__file__).is_relative_to(FOLDER)
    found = {"environment": environment(), "traits": traits(), "command line": command_line()}
    with TestClient(settings=Settings(patience=2)) as client:
        found["URL"] = url(client)
        found["PATCH"] = session(client)
        found["browser"] = client.get("/streamlab/web/settings.json").json()["patience"]
    with streamlab.connect(where="kernel") as lab:
        options = {"pipeline_id": "noop", "seconds": 0.5, "progress": False}
        recording = lab.stream("gate_easy", patience=6, **options)
        found["lab"] = (
            recording.info["patience"],
            "patience" in inspect.signature(lab.stream).parameters,
            refusal(lambda: lab.stream("gate_easy", patience=99, **options)),
        )
        trace = recording.trace()
        found["replay"] = (
            trace.replay().info["patience"],
            trace.replay(patience=7).info["patience"],
            refusal(lambda: trace.replay(patience=99)),
        )
        panel = lab.tune(recording)
        panel.set(patience=8)
        slider = panel.sliders["patience"]
        found["slider"] = slider.min, slider.max, slider.step, slider.value
    found["knobs"] = [knob.label for knob in KNOBS]
    found["live view"] = (
        LiveView().patience,
        LiveView(patience=3).patience,
        refusal(lambda: LiveView(patience=99)),
    )
    found["export"] = environment_lines({"patience": 2}), jupyter_config({"patience": 2})
    found["tables"] = tables()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
