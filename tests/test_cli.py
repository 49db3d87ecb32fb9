"""The commands, as a user runs them."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from streamlab import cli
from streamlab.client.options import VIDEO_OPTIONS
from streamlab.client.spool import FrameSpool
from streamlab.lab.recording import Recording
from streamlab.media import video
from streamlab.media.samples import default_pipeline, sample_path

COMMAND = [sys.executable, "-m", "streamlab.cli"]


def run(*arguments, **options):
    environment = {**os.environ, **options.pop("environment", {})}
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        **options,
    )


def assert_one_line_of_error(done, *words):
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("streamlab: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in lines[0]


class Serving:
    """`streamlab serve` as a process."""

    def __init__(self, *arguments, environment=None):
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
        )
        self.lines = []
        self.base_url = None

    def __enter__(self):
        for line in self.process.stdout:
            self.lines.append(line)
            if found := re.search(r"serves at (\S+)", line):
                self.base_url = found[1]
            if "metrics" in line:
                break
        return self

    def end(self, signal_):
        self.process.send_signal(signal_)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, "".join(self.lines) + out, err

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """The first frames of a sample, without its truth."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with video.VideoWriter(path, 30) as writer:
        for index, image in enumerate(video.read_frames(sample_path("gate_easy"))):
            if index == 45:
                break
            writer.write(image)
    return path


def test_the_demo_writes_what_it_promises(tmp_path, clip):
    done = run("demo", "--out", tmp_path / "demo", "--video", clip)
    assert done.returncode == 0, done.stderr
    assert "45 sent" in done.stdout
    assert "round trip p50" in done.stdout
    with (tmp_path / "demo" / "frames.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["frame_index"]) for row in rows] == list(range(45))
    assert {row["fate"] for row in rows} <= {"processed", "dropped"}
    for row in rows:
        if row["fate"] == "processed":
            assert float(row["round_trip_ms"]) >= float(row["total_ms"])
            assert float(row["node_detect_ms"]) > 0
    info = video.probe(tmp_path / "demo" / "annotated.mp4")
    assert (info.width, info.height, info.frames) == (640, 480, 45)
    assert b"avc1" in (tmp_path / "demo" / "annotated.mp4").read_bytes()
    assert (tmp_path / "demo" / "latency.png").read_bytes().startswith(b"\x89PNG")


def test_the_demo_says_in_one_line_why_it_fails(tmp_path):
    assert_one_line_of_error(run("demo", "--video", tmp_path / "none.mp4"), "none.mp4")
    (tmp_path / "file").write_text("")
    assert_one_line_of_error(run("demo", "--out", tmp_path / "file" / "x"), "cannot be written")


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_serve_prints_its_addresses_and_ends_cleanly(signal_):
    with Serving("--token", "secret") as server:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", server.base_url)
        code, out, err = server.end(signal_)
    assert code == 0
    assert "stopped" in out
    assert "Traceback" not in err
    assert "token=secret" in out


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ([], {"STREAM_DROP_THRESHOLD": "2"}, ["STREAM_DROP_THRESHOLD", "'2'", "0 to 1"]),
        ([], {"STREAM_SLOWDOWN_THRESHOLD": "0.05"}, ["STREAM_SLOWDOWN_THRESHOLD", "0.05"]),
        ([], {"STREAM_MAX_SESSIONS": "none"}, ["STREAM_MAX_SESSIONS", "'none'"]),
        ([], {"STREAM_PIPELINES_DIR": "/no/folder"}, ["STREAM_PIPELINES_DIR", "/no/folder"]),
        ([], {"STREAM_YOLO_WEIGHTS": "/no/weights.onnx"}, ["/no/weights.onnx"]),
        ([], {"STREAM_DEVICE": "abacus"}, ["STREAM_DEVICE", "'abacus'", "auto, cpu, openvino"]),
        ([], {"STREAM_DEVICE": "directml"}, ["STREAM_DEVICE=directml is not here"]),
        (["--host", "0.0.0.0"], {}, ["token"]),
        (["--host", "no-such-host.invalid"], {"X": "1"}, ["no-such-host.invalid"]),
    ],
)
def test_serve_says_in_one_line_why_it_does_not_start(arguments, environment, words):
    done = run("serve", "--port", "0", *arguments, environment=environment)
    assert_one_line_of_error(done, *words)


def test_serve_tells_of_a_bad_pipeline_and_starts_without_it(tmp_path):
    (tmp_path / "bad.json").write_text('{"id": "bad", "nodes": [{"id": "a", "tool": "magic"}]}')
    with Serving(environment={"STREAM_PIPELINES_DIR": str(tmp_path)}) as server:
        _, out, err = server.end(signal.SIGTERM)
    assert "serves at" in out
    assert "bad.json" in err
    assert "magic" in err


@pytest.mark.parametrize(
    ("video", "given", "pipeline_id"),
    [
        ("photographs", [], "everyday"),
        ("gate_easy", [], "yolo_ocr"),
        ("photographs", ["--pipeline", "noop"], "noop"),
    ],
)
def test_a_sample_is_streamed_through_its_own_pipeline_unless_another_is_named(
    video, given, pipeline_id
):
    with Serving("--log-json") as server:
        done = run("stream", video, "--url", server.base_url, "--seconds", "0.5", *given)
        assert done.returncode == 0, done.stderr
        _, _, err = server.end(signal.SIGTERM)
    events = [json.loads(line) for line in err.splitlines()]
    assert {event["pipeline_id"] for event in events} == {pipeline_id}


def test_a_file_of_the_name_of_a_sample_is_a_file(tmp_path, monkeypatch, clip):
    monkeypatch.chdir(tmp_path)
    assert default_pipeline("photographs") == "everyday"
    Path("photographs").write_bytes(clip.read_bytes())
    assert default_pipeline("photographs") == "yolo_ocr"
    assert default_pipeline(clip) == "yolo_ocr"


def test_real_things_are_found_offline_without_a_pipeline_being_named(tmp_path):
    done = run("run", "photographs", "--max-frames", "3", "--out", tmp_path / "out.jsonl")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    results = [line["result"] for line in lines if "result" in line]
    assert len(results) == 3
    assert all("person" in [d["label"] for d in result["detections"]] for result in results)


def test_serve_logs_sessions_as_json_when_told_to(clip):
    with Serving("--log-json") as server:
        options = ("--pipeline", "noop", "--fps", "200", "--every-frame")
        done = run("stream", clip, "--url", server.base_url, *options)
        assert done.returncode == 0, done.stderr
        _, _, err = server.end(signal.SIGTERM)
    events = [json.loads(line) for line in err.splitlines()]
    assert [event["event"] for event in events if event["event"] != "state"] == [
        "connect",
        "disconnect",
    ]
    ledger = events[-1]["ledger"]
    assert ledger["received"] == 45
    assert sum(ledger["dropped"].values()) + ledger["processed"] == 45


def test_stream_prints_a_line_a_second_and_a_summary_for_each_session(clip):
    with Serving() as server:
        done = run(
            "stream", clip, "--url", server.base_url, "--pipeline", "noop", "--sessions", "2",
            "--loop", "--seconds", "2.2", "--policy", "lossless",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r"^ +1 s +sent +\d+ +processed +\d+ +dropped +0", done.stdout, re.M)
    for number in (1, 2):
        assert f"session {number}: 66 sent, 66 processed, 0 dropped" in done.stdout


def test_stream_records_to_a_file_that_the_lab_reads(clip, tmp_path):
    path = tmp_path / "r.jsonl.gz"
    with Serving() as server:
        done = run(
            "stream", clip, "--url", server.base_url, "--pipeline", "noop", "--fps", "60",
            "--seconds", "1", "--sessions", "2", "--adaptive", "--quality", "50", "--seed", "3",
            "--width", "320", "--window", "3", "--record", path,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        onto_itself = run("stream", clip, "--url", server.base_url, "--record", clip)
        assert_one_line_of_error(onto_itself, "cannot be written")
    assert f"recorded to {path}" in done.stdout
    recording = Recording.load(path)
    assert len(recording.frames) == 120
    assert recording.frames["video_frame"].max() == 29
    assert recording.info["adaptive"]
    info = recording.info
    assert (info["quality"], info["seed"], info["width"], info["window_s"]) == (50, 3, 320, 3.0)
    assert not info["every_frame"]
    assert recording.info["workers"] >= 1


def test_an_option_that_has_become_the_default_works_for_one_release_with_a_notice(clip):
    with Serving() as server:
        options = ("--url", server.base_url, "--pipeline", "noop", "--seconds", "0.2")
        done = run("stream", clip, *options, "--realtime")
        assert done.returncode == 0, done.stderr
        assert "--realtime is the default by now" in done.stderr
        contradicts = run("stream", clip, *options, "--realtime", "--every-frame")
    assert contradicts.returncode == 2
    assert "exclude each other" in contradicts.stderr
    assert "--realtime" not in run("stream", "--help").stdout


def test_the_options_of_stream_are_those_of_the_lab_with_the_same_defaults():
    flags = {option.name: option for option in cli.stream.params if option.name in VIDEO_OPTIONS}
    assert list(flags) == list(VIDEO_OPTIONS)
    for name, option in flags.items():
        assert option.default == VIDEO_OPTIONS[name].default, name
        assert f"--{name.replace('_', '-')}" in option.opts


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--drop-threshold", "0.5"], "STREAM_SLOWDOWN_THRESHOLD='0.4': the slow-down threshold "
         "may not be under the drop threshold (--drop-threshold=0.5)"),
        (["--slowdown-threshold", "0.05"], "--slowdown-threshold='0.05': the slow-down"),
        (["--yolo-weights", "/no/weights.onnx"], "/no/weights.onnx: no such file of weights"),
    ],
)  # fmt: skip
def test_a_flag_of_serve_goes_before_its_variable_and_is_named(flags, words):
    environment = {"STREAM_DROP_THRESHOLD": "0.1", "STREAM_SLOWDOWN_THRESHOLD": "0.4"}
    done = run("serve", "--port", "0", *flags, environment=environment)
    assert_one_line_of_error(done, words)


def test_serve_takes_its_settings_as_flags():
    with Serving("--max-sessions", "7", "--window", "3") as server:
        with urllib.request.urlopen(f"{server.base_url}/streamlab/health") as answer:
            health = json.load(answer)
        server.end(signal.SIGTERM)
    assert (health["max_sessions"], health["backpressure"]["window_s"]) == (7, 3.0)


def test_stream_finds_what_it_is_told_to(clip, tmp_path):
    path = tmp_path / "r.jsonl.gz"
    limits = ("--min-score", "0.5", "--label", "vehicle", "--label", "parcel")
    with Serving() as server:
        done = run("stream", clip, "--url", server.base_url, "--record", path, *limits)
        assert done.returncode == 0, done.stderr
        refused = run("stream", clip, "--url", server.base_url, "--label", "dog")
        assert_one_line_of_error(refused, "labels='dog'", "vehicle, plate, parcel, label")
    info = Recording.load(path).info
    assert (info["min_score"], info["labels"]) == (0.5, ["vehicle", "parcel"])


def test_a_stream_that_is_interrupted_is_summed_up(clip):
    with Serving() as server:
        arguments = ["stream", str(clip), "--url", server.base_url, "--pipeline", "noop", "--loop"]
        with subprocess.Popen(
            [*COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        ) as process:
            first = process.stdout.readline()
            process.send_signal(signal.SIGINT)
            rest, err = process.communicate(timeout=60)
    assert first.strip().startswith("1 s")
    assert "stopped early" in rest
    assert "processed, 0 dropped" in rest
    assert "Traceback" not in err


def test_stream_says_in_one_line_why_it_fails(clip, tmp_path):
    nobody = ["--url", "http://127.0.0.1:1"]
    assert_one_line_of_error(run("stream", clip, *nobody), "cannot connect")
    unknown = run("stream", clip, *nobody, "--policy", "magic")
    assert_one_line_of_error(unknown, "policy='magic'", "'realtime' or 'lossless'", "'latest'")
    assert_one_line_of_error(run("stream", tmp_path / "none.mp4", *nobody), "none.mp4")
    with Serving() as server:
        done = run("stream", clip, "--url", server.base_url, "--pipeline", "magic")
        assert_one_line_of_error(done, "invalid_pipeline", "noop")


def test_run_writes_results_and_an_annotated_video(tmp_path, clip):
    done = run(
        "run", clip, "--out", tmp_path / "r.jsonl", "--annotate", tmp_path / "a.mp4",
        "--stride", "3", "--max-frames", "5",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert [row["frame_index"] for row in rows] == [0, 3, 6, 9, 12]
    assert set(rows[0]["nodes_ms"]) == {"detect", "track", "read"}
    assert video.probe(tmp_path / "a.mp4").frames == 5


def test_run_finds_what_it_is_told_to(tmp_path):
    path = tmp_path / "r.jsonl"
    done = run(
        "run", "gate_easy", "--pipeline", "yolo", "--stride", "10", "--max-frames", "3",
        "--out", path, "--min-score", "0.7", "--label", "plate",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    found = [each for line in lines for each in line["result"]["detections"]]
    assert found
    assert all(each["label"] == "plate" and each["score"] >= 0.7 for each in found)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--label", "dog"), "finds vehicle, plate, parcel, label"),
        (("--pipeline", "ocr", "--min-score", "0.5"), "the pipeline 'ocr' detects nothing"),
    ],
)
def test_run_refuses_what_the_pipeline_does_not_find(arguments, words):
    assert_one_line_of_error(run("run", "gate_easy", *arguments), words)


@pytest.mark.parametrize("kind", ["missing", "empty", "noise", "truncated"])
def test_run_says_in_one_line_what_is_wrong_with_a_video(tmp_path, clip, kind):
    path = tmp_path / "bad.mp4"
    data = clip.read_bytes()
    contents = {"empty": b"", "noise": bytes(range(256)) * 99, "truncated": data[: len(data) // 2]}
    if kind in contents:
        path.write_bytes(contents[kind])
    assert_one_line_of_error(run("run", path, "--pipeline", "noop"), "bad.mp4")


@pytest.mark.parametrize("option", ["--annotate", "--out"])
def test_run_does_not_write_over_the_video_that_it_reads(tmp_path, clip, option):
    own = tmp_path / "own.mp4"
    own.write_bytes(clip.read_bytes())
    done = run("run", own, "--pipeline", "noop", option, own)
    assert_one_line_of_error(done, "own.mp4", "cannot be written")
    assert own.read_bytes() == clip.read_bytes()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
@pytest.mark.parametrize("option", ["--annotate", "--out"])
def test_run_says_in_one_line_that_a_disk_is_full(clip, option):
    assert_one_line_of_error(run("run", clip, "--pipeline", "noop", option, "/dev/full"), "")


@pytest.mark.parametrize("name", ["x" * 300 + ".mp4", "folder/" + "y" * 300])
def test_a_name_that_cannot_be_one_is_told_in_one_line(name):
    assert_one_line_of_error(run("run", name), "")


@pytest.mark.parametrize("option", ["--fps", "--seconds", "--drop-threshold"])
def test_a_number_that_is_none_is_refused(clip, option):
    done = run("stream", clip, "--url", "http://127.0.0.1:1", option, "nan")
    assert done.returncode == 2
    assert option in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["ftp://x", "http://[::1", "http://127.0.0.1:99999"])
def test_an_address_that_is_none_is_told_in_one_line(clip, url):
    assert_one_line_of_error(run("stream", clip, "--url", url), "")


def test_run_refuses_an_unknown_pipeline(clip):
    assert_one_line_of_error(run("run", clip, "--pipeline", "magic"), "magic", "known")


def test_run_says_what_was_found(clip):
    done = run("run", clip)
    assert done.returncode == 0, done.stderr
    first, detections, tracks, texts = done.stdout.splitlines()
    assert re.fullmatch(r"45 frames, \d+\.\d ms each in yolo_ocr", first)
    assert re.fullmatch(r"  detections: \d+ in 45 frames \(vehicle \d+, plate \d+\)", detections)
    assert re.match(r"  tracks: \d+ \(", tracks)
    assert re.match(r"  texts on tracks: \S+ \(plate #\d+\)", texts)


def test_a_name_that_is_nearly_a_samples_is_answered_with_it():
    commands = (
        ("run",),
        ("demo", "--video"),
        ("stream", "--url", "http://127.0.0.1:1"),
    )
    for command in commands:
        done = run(*command, "gate_eas")
        assert_one_line_of_error(done, "gate_eas: no such file", "did you mean 'gate_easy'?")
    done = run("run", "rtsp://10.0.0.7:554//live")
    assert_one_line_of_error(done, "rtsp://10.0.0.7:554//live: an address, which is not read")


def test_pipelines_draws_what_there_is_and_tells_what_is_wrong(tmp_path):
    (tmp_path / "bad.json").write_text("{")
    done = run("pipelines", environment={"STREAM_PIPELINES_DIR": str(tmp_path)})
    assert "networks run on " in done.stdout
    assert done.returncode == 0
    assert "yolo_ocr: Find, track and read" in done.stdout
    assert re.search(r"└─ detect.*\n.*└─ track.*\n.*└─ read", done.stdout)
    assert "finds vehicle, plate, parcel, label, from a score of 0.25" in done.stdout
    assert "bad.json" in done.stdout


def test_a_sample_is_found_by_its_name():
    with FrameSpool(sample_path("gate_easy"), max_frames=1) as spool:
        assert spool.read(0)


@pytest.fixture(scope="module")
def grey_clip(tmp_path_factory):
    """A video of the user's own in which there is nothing that any pipeline knows."""
    path = tmp_path_factory.mktemp("grey") / "grey.mp4"
    with video.VideoWriter(path, 30) as writer:
        for _ in range(10):
            writer.write(np.full((120, 160, 3), 128, np.uint8))
    return path


ADVICE = "yolo_ocr knows vehicle, plate, parcel, label; --pipeline everyday knows person, bicycle"


def test_a_file_in_which_nothing_was_found_brings_the_advice_to_try_everyday(grey_clip):
    assert ADVICE in run("run", grey_clip).stdout
    with Serving() as server:
        assert ADVICE in run("stream", grey_clip, "--url", server.base_url).stdout


@pytest.mark.parametrize(
    "given",
    [["--pipeline", "everyday"], ["--pipeline", "noop"], ["--label", "plate"]],
)
def test_there_is_no_such_advice_where_it_would_not_help(grey_clip, given):
    done = run("run", grey_clip, *given)
    assert done.returncode == 0, done.stderr
    assert "nothing was found" not in done.stdout


def test_a_file_in_which_something_was_found_brings_no_advice(clip):
    assert "nothing was found" not in run("run", clip, "--max-frames", "20").stdout
