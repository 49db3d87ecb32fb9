"""streamlab: a lab bench for live video analysis.

AdmissionPolicy           Decides which frames of one session are processed, as its events
                          happen.
Backpressure              Bursts wait, overload is shed: few frames wait, and the newest is
                          preferred.
BackpressureSettings      What a session decides by: `TunableSettings`, and the policy, which
                          stays what it is.
Classification            What a frame as a whole shows, and how sure that is, 0 to 1.
connect                   Return a `Lab` for the server at `url`, this kernel's Jupyter server,
                          or one it starts.
ConnectionManager         Observers by topic, and what each topic shows.
DagPipelineService        Opens pipelines and shares among their sessions what their tools load.
Decision                  What follows from an event: frames to drop, a change of state, a rate
                          to ask of the client.
Detection                 One thing found in a frame.
errors                    Every error that streamlab raises on purpose, with the values that it
                          talks about.
Lab                       A server to stream to, and what can be learned from it; a context
                          manager.
lab                       The lab: record sessions, look at them, replay them under other
                          settings, and choose.
Line                      A line through two points or more.
LiveView                  A live view: webcam, sample or file, streamed by the browser straight
                          to the server.
Mask                      An area, drawn half-transparent: a bool array H x W of the frame, or
                          the rings around it.
PipelineRegistry          Checked pipelines by id.
policy                    Register a class as the admission policy `name`: it can be served,
                          replayed and compared.
Polygon                   A closed line through three points or more, half-transparent inside
                          where it is filled.
QueuePolicy               A queue without a limit, oldest frame first: the base of policies that
                          override parts of it.
Recording                 Every frame of a run: when it was due, sent, received and answered,
                          and its outcome.
samples                   The sample videos that come with streamlab, and the truth about them.
SessionManager            Checks each message, lets its policy decide, and answers every frame
                          exactly once.
Settings                  What a server is started with. Thresholds are the defaults of its
                          sessions.
StreamService             Settings, pipelines, workers, live sessions and observers of one
                          server.
testing                   `TestClient`: protocol tests against a real server over a real
                          WebSocket, in a few lines.
Text                      A text whose top left corner is at `x`, `y`.
Tool                      Something a pipeline node can run.
tool                      Make a function a tool that a pipeline's node can run.
Trace                     Arrivals, sizes and service times of a recording, ready to be run
                          under other settings.
VideoFilePipelineService  Runs JPEG frames and whole videos through the pipelines of a
                          `DagPipelineService`.

`help(streamlab.LiveView)`, or `streamlab.LiveView?` in a notebook, says more of each. What is named
here is loaded on use: importing streamlab loads neither Jupyter nor torch nor matplotlib.

The packages, from the top; each imports only those below it:

cli, commands             the command line
lab                       what a notebook holds: connect, Lab, Recording, panels, the live view
charts                    every chart and picture of a recording, drawn with Matplotlib
replay                    a recorded load in virtual time: traces, sweeps, capacity, recommendations
accuracy                  detections and texts beside the truth
recording                 the data of a recording: tables, columns, file, summary figures
server                    Tornado handlers, the standalone application, metrics and logs
client                    the streaming client and its pacing
sessions                  one session: its frames, its ledger, its messages
workers                   where pipelines run: processes or threads, and the scheduler before them
pipelines                 definitions, their graph, and the services that run it on frames and files
tools                     what a node of a pipeline runs: detect, track, read
models                    networks and engines, what goes in and comes out of them, weights
settings                  the settings of a server
backpressure              the settings of a session, and the policies that decide what is dropped
media                     JPEG frames, videos, samples and their truth, drawing on frames

The path of a frame: `server.stream` receives it, `sessions.manager` checks it and has the session's
policy admit or drop it (`backpressure.transitions` compares the drop rate with `drop_threshold`),
`workers.scheduler` dispatches it, `pipelines.video` decodes it (`media.frames`) and runs the graph
(`pipelines.dag`), and `sessions.answers` sends the result.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamlab.moved import install as _let_old_addresses_be_imported
from streamlab.moved import new_address
from streamlab.version import __version__

if TYPE_CHECKING:
    from streamlab import errors, lab, samples, testing
    from streamlab.backpressure.admission import AdmissionPolicy, Decision, QueuePolicy
    from streamlab.backpressure.policies import policy
    from streamlab.backpressure.realtime import Backpressure, BackpressureSettings
    from streamlab.lab.connection import connect
    from streamlab.lab.lab import Lab
    from streamlab.lab.live.view import LiveView
    from streamlab.lab.recording import Recording
    from streamlab.pipelines.dag import DagPipelineService
    from streamlab.pipelines.registry import PipelineRegistry
    from streamlab.pipelines.video import VideoFilePipelineService
    from streamlab.replay.trace import Trace
    from streamlab.server.connections import ConnectionManager
    from streamlab.server.service import StreamService
    from streamlab.sessions.manager import SessionManager
    from streamlab.settings import Settings
    from streamlab.tools.detection import Classification, Detection
    from streamlab.tools.function import tool
    from streamlab.tools.shapes import Line, Mask, Polygon, Text
    from streamlab.tools.tool import Tool

_let_old_addresses_be_imported()

_MODULES = ("errors", "lab", "samples", "testing")
_HOMES = {
    "AdmissionPolicy": "backpressure.admission",
    "Backpressure": "backpressure.realtime",
    "BackpressureSettings": "backpressure.realtime",
    "Classification": "tools.detection",
    "ConnectionManager": "server.connections",
    "DagPipelineService": "pipelines.dag",
    "Decision": "backpressure.admission",
    "Detection": "tools.detection",
    "Lab": "lab.lab",
    "Line": "tools.shapes",
    "LiveView": "lab.live.view",
    "Mask": "tools.shapes",
    "PipelineRegistry": "pipelines.registry",
    "Polygon": "tools.shapes",
    "QueuePolicy": "backpressure.admission",
    "Recording": "lab.recording",
    "SessionManager": "sessions.manager",
    "Settings": "settings",
    "StreamService": "server.service",
    "Text": "tools.shapes",
    "Tool": "tools.tool",
    "Trace": "replay.trace",
    "VideoFilePipelineService": "pipelines.video",
    "connect": "lab.connection",
    "policy": "backpressure.policies",
    "tool": "tools.function",
}

__all__ = [
    "AdmissionPolicy",
    "Backpressure",
    "BackpressureSettings",
    "Classification",
    "ConnectionManager",
    "DagPipelineService",
    "Decision",
    "Detection",
    "Lab",
    "Line",
    "LiveView",
    "Mask",
    "PipelineRegistry",
    "Polygon",
    "QueuePolicy",
    "Recording",
    "SessionManager",
    "Settings",
    "StreamService",
    "Text",
    "Tool",
    "Trace",
    "VideoFilePipelineService",
    "__version__",
    "connect",
    "errors",
    "lab",
    "policy",
    "samples",
    "testing",
    "tool",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    if name not in _HOMES:
        if new_address(f"{__name__}.{name}"):
            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module 'streamlab' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
