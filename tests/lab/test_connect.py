"""Finding or starting a server, and streaming to it: the real thing in each place."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import psutil
import pytest
from hosts import jupyter_process

import streamlab
from streamlab.client.connection import stream_url
from streamlab.client.options import StreamOptions
from streamlab.errors import OptionError, ServerError, VideoError
from streamlab.lab.connection import connect
from streamlab.lab.jupyter import find_jupyter_server
from streamlab.lab.lab import Lab
from streamlab.lab.recording import Recording
from streamlab.models.devices import choose_device
from streamlab.settings import Settings


@pytest.fixture(scope="module")
def lab():
    with connect(where="process", workers=1) as lab:
        yield lab


def children():
    return set(psutil.Process().children(recursive=True))


def test_a_server_process_is_started_and_ends_with_the_lab():
    before = children()
    with connect(where="process", workers=1) as lab:
        assert lab.stream("gate_easy", pipeline_id="noop", seconds=0.5, progress=False).overall()[
            "processed"
        ]
        started = children() - before
        assert started
    assert not psutil.wait_procs(started, timeout=30)[1]
    assert lab.is_closed
    with pytest.raises(ServerError, match="closed"):
        lab.stream("gate_easy", progress=False)
    lab.close()


SCRIPT = """
import streamlab
lab = streamlab.connect()
options = {"pipeline_id": "noop", "policy": "lossless", "seconds": 0.3, "progress": False}
recording = lab.stream("gate_easy", **options)
print(recording.overall()["processed"])
"""


def test_a_plain_script_needs_to_close_nothing(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    outside = {n: v for n, v in os.environ.items() if n != "JPY_PARENT_PID"}
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=120, env=outside
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) == 9


@pytest.fixture
def around(monkeypatch):
    """Make this process believe that it is a kernel of a Jupyter server."""

    def believe(server):
        monkeypatch.setenv("JPY_PARENT_PID", str(server.process.pid))
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", f"{server._folder}/runtime")

    return believe


def test_the_jupyter_server_around_a_kernel_is_found_and_used(around):
    with jupyter_process() as server:
        around(server.wait_until_ready())
        found = find_jupyter_server()
        assert found.url.replace("localhost", "127.0.0.1") == server.base_url
        assert found.token == server.token
        with streamlab.connect() as lab:
            assert lab.base_url == found.url
            assert "Jupyter" in repr(lab)
            recording = lab.stream(
                "gate_easy", pipeline_id="noop", policy="lossless", seconds=0.5, progress=False
            )
            assert recording.overall()["processed"] == 15
        # leaving the lab ends no server that it did not start
        assert server.process.poll() is None


def wait_until_it_listens():
    """A server says that it runs a moment before it listens, and writes its file meanwhile."""
    for _ in range(100_000):
        found = find_jupyter_server()
        if found is not None:
            address = urlsplit(found.url)
            with contextlib.suppress(OSError):
                socket.create_connection((address.hostname, address.port)).close()
                return


def test_a_jupyter_server_without_streamlab_is_told_of_and_passed_over(around, capsys):
    disabled = ["--ServerApp.jpserver_extensions={'streamlab_jupyter': False}"]
    with jupyter_process(options=disabled) as server:
        server.wait_for("is running at")
        around(server)
        wait_until_it_listens()
        with pytest.raises(ServerError, match="no streamlab"):
            connect(where="jupyter")
        with connect() as lab:
            assert lab.base_url != find_jupyter_server().url
        assert "a server process is started instead" in capsys.readouterr().err


def test_outside_of_jupyter_there_is_none(monkeypatch):
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    assert find_jupyter_server() is None
    with pytest.raises(ServerError, match="not a kernel"):
        connect(where="jupyter")
    # a kernel of something else: nbval, a console
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getpid()))
    assert find_jupyter_server() is None


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("http://127.0.0.1:8888/hub/user/ada/", "http://127.0.0.1:8888/hub/user/ada"),
        ("http://0.0.0.0:8888/user/ada/", "http://127.0.0.1:8888/user/ada"),
        ("http://:8888/user/ada/", "http://127.0.0.1:8888/user/ada"),
        ("https://[::1]:8888/user/ada/", "https://[::1]:8888/user/ada"),
    ],
)
def test_at_a_hub_its_variables_tell_of_the_users_server(monkeypatch, address, url):
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", address)
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)
    assert find_jupyter_server() is None, "without a token it cannot be used"
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "a-token")
    assert find_jupyter_server() == (url, "a-token", False)


@pytest.mark.parametrize("address", ["", "8888", "unix:///run/ada.sock", "http://ada:port/"])
def test_what_is_no_address_of_a_hubs_server_is_none(monkeypatch, address):
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "a-token")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", address)
    assert find_jupyter_server() is None


def test_a_tool_of_this_process_runs_in_a_server_in_this_process():
    @streamlab.tool(produces="size")
    def size(image):
        return list(image.shape)

    pipelines = streamlab.PipelineRegistry.load()
    pipelines.tools.register(size)
    pipelines.add({"id": "size", "nodes": [{"id": "measure", "tool": "size"}]})
    with connect(where="kernel", pipelines=pipelines) as lab:
        assert "size" in lab.pipelines()
        recording = lab.stream("gate_easy", pipeline_id="size", seconds=0.5, progress=False)
    assert recording.result(0) == {"size": [480, 640, 3]}
    with pytest.raises(OptionError, match="kernel"):
        connect(pipelines=pipelines)


def test_a_server_of_ones_own_has_ones_own_settings():
    with connect(settings=Settings(drop_threshold=0.2, waiting_frames=4), workers=1) as lab:
        recording = lab.stream(
            "gate_easy", pipeline_id="noop", policy="lossless", seconds=0.3, progress=False
        )
    assert recording.info["drop_threshold"] == 0.2
    assert recording.info["waiting_frames"] == 4
    assert recording.info["workers"] == 1
    assert recording.info["device"] == choose_device()


def test_a_running_server_is_used_by_its_address(lab):
    with connect(lab.base_url, lab.token) as other:
        assert other.health()["status"] == "ok"
    assert lab.health()["status"] == "ok"
    with pytest.raises(ServerError, match="token"):
        connect(lab.base_url, "wrong").health()
    with pytest.raises(ServerError, match="does not answer"):
        connect("http://127.0.0.1:1").stream("gate_easy", progress=False)
    with pytest.raises(OptionError, match="'process'"):
        connect(where="moon")  # type: ignore[arg-type]


def test_a_recording_knows_every_frame_and_its_server(lab):
    recording = lab.stream(
        "gate_easy",
        pipeline_id="noop",
        policy="lossless",
        fps=60,
        seconds=1,
        sessions=2,
        progress=False,
    )
    frames = recording.frames
    assert len(frames) == 120
    assert (frames["fate"] == "processed").all()
    assert (frames["scheduled_ms"] <= frames["sent_ms"]).all()
    assert (frames["sent_ms"] <= frames["received_ms"]).all()
    told = frames["received_ms"] + frames["total_ms"]
    assert (told <= frames["answered_ms"] + 0.002).all()
    assert frames["video_frame"].max() == 29
    assert [session["worker"] for session in recording.sessions] == [0, 0]
    assert len({session["session_id"] for session in recording.sessions}) == 2
    first = frames.groupby("session")["scheduled_ms"].min()
    assert first[0] == 0
    assert 0 < first[1] < 1000 / 60


def test_every_frame_can_be_sent_whatever_the_rate(lab):
    recording = lab.stream(
        "gate_easy", pipeline_id="noop", fps=200, every_frame=True, seconds=1, progress=False
    )
    assert recording.frames["video_frame"].tolist() == list(range(200))


def test_frames_can_be_scaled(lab):
    recording = lab.stream("gate_easy", pipeline_id="noop", width=320, seconds=0.2, progress=False)
    assert (recording.info["width"], recording.info["height"]) == (320, 240)
    assert recording.scale == 2.0
    with lab.streaming(
        "gate_easy", pipeline_id="ocr", width=64, seconds=0.2, progress=False
    ) as run:
        run.wait()
    assert run.recording().frames["size_bytes"].max() < 5000


def overloaded(lab, **options):
    """A load that no machine bears: the whole frame is read, 200 times a second."""
    return lab.stream("gate_easy", pipeline_id="ocr", fps=200, seconds=3, progress=False, **options)


def test_an_overload_is_recorded_with_states_and_causes(lab):
    recording = overloaded(lab)
    assert {"warning", "critical"} <= set(recording.events["state"].dropna())
    assert (recording.events["kind"] == "slow_down").any()
    dropped = recording.frames[recording.frames["fate"] == "dropped"]
    assert set(dropped["cause"]) <= {"overflow", "replaced"}
    assert dropped["received_ms"].notna().all()
    assert (recording.events["kind"] != "rate").all()


def test_an_adaptive_client_follows_and_says_so(lab):
    recording = overloaded(lab, adaptive=True)
    told = recording.events.set_index("kind")["fps"]
    assert told["rate"] <= told["slow_down"]
    assert recording.info["adaptive"]
    assert len(recording.frames) < 500


def test_a_live_session_is_given_other_settings(lab):
    with pytest.raises(ServerError, match="no session of this lab is running"):
        lab.apply({"drop_threshold": 0.2})
    answered = threading.Event()
    with lab.streaming("gate_easy", pipeline_id="noop", loop=True, progress=False) as run:
        run.on_answer = lambda row: answered.set()
        assert answered.wait(30)
        [session] = lab.apply({"drop_threshold": 0.2, "waiting_frames": 5})
        assert (session["drop_threshold"], session["waiting_frames"]) == (0.2, 5)
        with pytest.raises(ServerError, match="from 0 to 1"):
            lab.apply({"drop_threshold": 7})
    assert run.recording().overall()["processed"] > 0


def test_what_a_stream_finds_can_be_limited_and_its_recording_knows(lab, tmp_path):
    limits = {"min_score": 0.6, "labels": ["vehicle"]}
    recording = lab.stream("gate_easy", pipeline_id="yolo", seconds=1, progress=False, **limits)
    assert set(recording.detections["label"]) == {"vehicle"}
    loaded = Recording.load(recording.save(tmp_path / "limited.jsonl.gz"))
    assert limits.items() <= loaded.info.items()
    assert recording.detections["score"].min() >= 0.6
    whole = lab.stream("gate_easy", pipeline_id="yolo", seconds=1, progress=False)
    assert set(whole.detections["label"]) == {"vehicle", "plate"}
    assert (whole.info["min_score"], whole.info.get("labels")) == (0, None)


@pytest.mark.parametrize(
    ("labels", "query"),
    [
        (["a, b"], "labels=a%2C%20b&labels=a%2C%20b"),
        (("a", "b"), "labels=a&labels=b"),
        (None, ""),
    ],
)
def test_labels_are_asked_for_so_that_a_comma_is_a_part_of_one(labels, query):
    asked = stream_url("http://host", **StreamOptions(labels=labels).query())
    assert "&".join(part for part in asked.split("&") if "labels" in part) == query


@pytest.mark.parametrize(
    ("pipeline_id", "words"),
    [("yolo", "labels='dog': .* finds vehicle, plate"), ("noop", "'noop' detects nothing")],
)
def test_labels_that_a_pipeline_does_not_find_are_refused(lab, pipeline_id, words):
    with pytest.raises(ServerError, match=words):
        lab.stream("gate_easy", pipeline_id=pipeline_id, labels=["dog"], progress=False)


def test_what_a_running_stream_finds_is_changed_and_the_change_recorded(lab):
    answered = threading.Event()
    with lab.streaming("gate_easy", pipeline_id="yolo", loop=True, progress=False) as run:
        run.on_answer = lambda row: answered.set()
        assert answered.wait(30)
        [session] = lab.apply({"min_score": 0.5, "labels": ["plate"]})
        assert (session["min_score"], session["labels"]) == (0.5, ["plate"])
        [session] = lab.apply({"labels": None})
        assert (session["min_score"], session["labels"]) == (0.5, None)
        with pytest.raises(ServerError, match="labels='dog'"):
            lab.apply({"labels": ["dog"]})
    events = run.recording().events
    noted = events[events["kind"] == "setting"]["detail"].tolist()
    assert noted == ['min_score=0.5, labels=["plate"]', "labels=null"]


def test_a_measured_trace_knows_busy_neighbours():
    with connect(where="process", workers=2) as lab:
        trace = lab.measure(
            "gate_easy", pipeline_id="yolo", seconds=2, load_seconds=2, progress=False
        )
        with pytest.raises(OptionError, match="sessions"):
            lab.measure("gate_easy", sessions=2)  # type: ignore[call-arg]
    assert trace.settings.policy == "realtime"
    assert trace.length == 60
    assert len(trace.slowdown.contention_by_rate) >= 1
    assert len(trace.slowdown.contention_ratios) >= 30
    assert len(trace.delays_by_busy) == 3


def test_the_verbs_work_without_a_lab(monkeypatch):
    from streamlab import lab as verbs
    from streamlab.lab import default_lab as default

    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    recording = verbs.stream(
        "gate_easy", pipeline_id="noop", policy="lossless", seconds=0.3, progress=False
    )
    assert recording.overall()["processed"] == 9
    first = default.default_lab()
    assert default.default_lab() is first
    first.close()
    assert default.default_lab() is not first
    default.default_lab().close()


INTERRUPTED = """
import os, signal, threading
import streamlab
lab = streamlab.connect(where="process", workers=1)


def interrupt():
    while not any(session["ledger"]["processed"] for session in lab.sessions()):
        pass
    os.kill(os.getpid(), signal.SIGINT)


threading.Thread(target=interrupt).start()
recording = lab.stream(
    "gate_easy", pipeline_id="noop", policy="lossless", loop=True, progress=False
)
[session] = recording.sessions
print(recording.info["interrupted"], set(recording.frames["fate"]), session["close_code"])
"""


def test_an_interrupt_ends_the_session_cleanly_and_keeps_what_was_recorded(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(INTERRUPTED)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "True {'processed'} 1000\n"
    assert done.stderr == "streamlab: interrupted; what was recorded is kept\n"


def test_a_server_that_goes_away_leaves_what_was_recorded(capsys):
    with connect(where="process", workers=1) as lab:
        [server] = [p for p in psutil.Process().children() if str(lab.base_url.rsplit(":")[-1]) in
                    {str(c.laddr.port) for c in p.net_connections()}]  # fmt: skip
        answered = threading.Event()
        with lab.streaming("gate_easy", pipeline_id="noop", loop=True, progress=False) as run:
            run.on_answer = lambda row: answered.set()
            assert answered.wait(30)
            server.kill()
            assert run.wait(60)
        recording = run.recording()
    assert recording.overall()["processed"] > 0
    assert "went away" in recording.sessions[0]["error"]
    assert recording.events["kind"].tolist()[-1] == "error"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fsp": 30}, "no such option; there are: pipeline_id, fps"),
        ({"fps": 0}, "above 0"),
        ({"fps": "30"}, "above 0"),
        ({"fps": 5000}, "at most 1000"),
        ({"sessions": 0}, "from 1 up"),
        ({"policy": "magic"}, "'realtime' or 'lossless' or .*'latest'"),
        ({"drop_threshold": 3}, "from 0 to 1"),
        ({"drop_threshold": 0.5, "slowdown_threshold": 0.1}, "under the drop threshold"),
        ({"width": 3}, "from 16 to"),
        ({"quality": 0}, "from 1 to 100"),
        ({"min_score": 1.2}, "from 0 to 1"),
        ({"labels": "plate"}, "a list of names"),
        ({"pipeline_id": "magic"}, "the server has .*yolo_ocr"),
    ],
)
def test_an_option_that_is_not_allowed_is_told_before_anything_starts(lab, options, words):
    with pytest.raises(OptionError, match=words) as caught:
        lab.stream("gate_easy", progress=False, **options)
    assert "\n" not in str(caught.value)


def test_a_video_that_is_none_is_told(lab, tmp_path):
    with pytest.raises(VideoError, match="no such file"):
        lab.stream(tmp_path / "none.mp4", progress=False)


def test_a_token_is_never_shown(lab):
    assert lab.token not in repr(lab) + lab._repr_html_()


def test_a_lab_is_a_public_name():
    assert streamlab.Lab is Lab
