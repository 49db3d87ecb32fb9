"""`LiveView`: a widget whose browser part streams a webcam or video to the server."""

from collections.abc import Sequence
from contextvars import ContextVar
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import anywidget
from traitlets import (
    Bool,
    Dict,
    Float,
    Int,
    List,
    TraitError,
    TraitType,
    Unicode,
    observe,
    validate,
)

from streamlab.declaration import Setting
from streamlab.errors import OptionError, RecordingError, ServerError, StreamlabError
from streamlab.kinds import Texts, Whole
from streamlab.lab.jupyter import find_jupyter_server
from streamlab.lab.live.limits import check
from streamlab.lab.live.run import LiveRun
from streamlab.lab.live.snapshot import Snapshot
from streamlab.lab.live_sessions import register_view
from streamlab.lab.recording import Recording
from streamlab.lab.streaming import REPORT_S
from streamlab.media.samples import FOOTAGE_PIPELINE, default_pipeline
from streamlab.server.view_settings import VIEW_SETTINGS
from streamlab.version import __version__

if TYPE_CHECKING:
    from streamlab.lab.interfaces import StreamingLab
    from streamlab.server.failures import FailureReports

_IN_A_TOOL = "node '"
"""Part of a client's error message if the server has a report of the failure."""
_from_browser: ContextVar[bool] = ContextVar("_from_browser", default=False)
"""Whether traits are being set by a message of the browser rather than by the notebook."""


def _trait_of(setting: Setting) -> TraitType[Any, Any]:
    more: dict[str, Any] = {
        "default_value": setting.default,
        "allow_none": setting.default is None,
        "help": setting.meaning,
    }
    trait: TraitType[Any, Any]
    if isinstance(setting.kind, Texts):
        trait = List(Unicode(), **more)
    else:
        trait = Int(**more) if isinstance(setting.kind, Whole) else Float(**more)
    return trait.tag(sync=True)


class LiveView(anywidget.AnyWidget):
    """A live view: webcam, sample or file, streamed by the browser straight to the server.

    Frames do not pass through the kernel: a running cell does not stop the picture. Without `lab`
    the view streams to the Jupyter server of its page, else to the server of the lab, which the
    browser must be able to reach. Settings can be given by name, and are traits that can be linked
    to other widgets:

    - `source`: "camera", the name of a sample, or "file", which the user picks in the view
    - `pipeline_id`; unless one is chosen here or in the view, it follows the source: "everyday" for
      the camera, files and `photographs`, "yolo_ocr" for the other samples
    - `fps`, frames a second at most; `adaptive`: follow `slow_down`, and probe upwards again
    - `width` (pixels) and `quality` (1 to 100) of the JPEGs
    - `drop_threshold`, `slowdown_threshold`, `waiting_frames`, `window_s`: None is the server's own
    - `min_score` (0 to 1) and `labels` (a list): only such detections are shown, and answered where
      the pipeline allows it; 0 and None for all of them
    - `running`

    Read-only traits, which can be observed: `status`, `state` (of backpressure), `error`,
    `traceback` (of a tool of your own that raised in the lab's own server), `session_id` and
    `metrics` (a dict of the last seconds' figures, once a second).

    Raises `StreamlabError` for an unknown setting or a value that is not allowed.

    >>> view = LiveView(source="gate_easy", fps=20)
    >>> view
    >>> view.start()
    >>> view.metrics["p95_ms"], view.recording.summary()  # once the picture moves
    >>> view.stop()
    """

    _esm = files("streamlab").joinpath("web/widget.js").read_text(encoding="utf-8")

    server_url = Unicode("").tag(sync=True)
    version = Unicode(__version__).tag(sync=True)

    source = Unicode("camera").tag(sync=True)
    pipeline_id = Unicode(FOOTAGE_PIPELINE).tag(sync=True)
    pipeline_chosen = Bool(False).tag(sync=True)
    adaptive = Bool(True).tag(sync=True)
    # the names of a class body that is being run: as if each trait were written down here
    vars().update({name: _trait_of(each) for name, each in VIEW_SETTINGS.items()})
    running = Bool(False).tag(sync=True)

    status = Unicode("stopped").tag(sync=True)
    state = Unicode("normal").tag(sync=True)
    error = Unicode("").tag(sync=True)
    traceback = Unicode("").tag(sync=True)
    session_id = Unicode("").tag(sync=True)
    metrics = Dict().tag(sync=True)

    def __init__(self, lab: "StreamingLab | None" = None, **settings: Any) -> None:
        if lab is not None and not hasattr(lab, "base_url"):
            allowed = "a lab of connect() is allowed; LiveView(source=...) plays a video"
            raise OptionError("lab", lab, allowed)
        check(settings)
        settings |= {"pipeline_chosen": "pipeline_id" in settings}
        self._run: LiveRun | None = None
        # whether no message has come from the browser since the start was requested
        self._is_unacknowledged = False
        # no trait: traits may be saved with the notebook
        self._token = ""
        self._failures: FailureReports | None = lab.failures if lab is not None else None
        self._lab = lab
        if lab is not None and not _is_around_kernel(lab):
            self._token = lab.token or ""
            settings |= {"server_url": lab.base_url}
        try:
            super().__init__(**settings)
        except TraitError as error:
            raise StreamlabError(str(error)) from None
        self.on_msg(self._on_message)
        register_view(self)

    @observe("source")
    def _follow_source(self, _: Any) -> None:
        if not self.pipeline_chosen:
            self.pipeline_id = _pipeline_of(self.source)

    @observe("pipeline_id")
    def _note_choice(self, _: Any) -> None:
        if self.pipeline_id != _pipeline_of(self.source):
            self.pipeline_chosen = True

    def start(self) -> None:
        """Stream, once the view is on show in a browser; `status` is `starting` until then."""
        self.running = True

    def stop(self) -> None:
        """Stop; `status` is `stopping` until the frames that were sent are answered."""
        self.running = False

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Set traits from a message of the browser."""
        if "status" in sync_data:
            self._is_unacknowledged = False
        token = _from_browser.set(True)
        try:
            super().set_state(sync_data)
        finally:
            _from_browser.reset(token)

    @observe("running")
    def _begin_or_end(self, change: dict[str, Any]) -> None:
        """Set `status` at once when the notebook starts or stops; a start resets the last run."""
        if _from_browser.get():
            return
        if change["new"]:
            self._is_unacknowledged = True
            self._run = LiveRun("", {})
            self.status, self.state, self.error = "starting", "normal", ""
            self.session_id, self.metrics = "", {}
        elif self.status not in ("stopped", "failed"):
            # if no browser shows the view there are no answers to wait for
            self.status = "stopped" if self._is_unacknowledged else "stopping"

    @property
    def recording(self) -> Recording:
        """The frames of the run so far, or of the last one, as a `Recording`.

        Raises `RecordingError` before the first is answered. The browser's messages are handled
        during a running cell if JupyterLab (4.4) and the kernel (ipykernel 7) have subshells, else
        after it.
        """
        return self._known_run().recording()

    def snapshot(self) -> Snapshot:
        """Return the frame on screen, at most a second old, with its answer.

        Raises `RecordingError` before the first is answered.
        """
        snapshot = self._known_run().snapshot
        if snapshot is None:
            raise RecordingError("this view", "no frame has been answered yet")
        return snapshot

    def _known_run(self) -> LiveRun:
        if self._run is None:
            problem = "nothing has been streamed yet; press Start, or call start() in a cell before"
            raise RecordingError("this view", problem)
        return self._run

    @observe("comm")
    def _use_named_subshell(self, change: dict[str, Any]) -> None:
        """Have the browser's messages handled by the subshell that they name.

        ipykernel 7.4 dispatches a comm's messages to the shell that sent on it last. Once a running
        cell has set a trait, that is its own shell, which would handle them only after the cell.
        """
        if hasattr(change["new"], "_reply_subshell_for"):
            change["new"]._reply_subshell_for = None

    @validate("source", *VIEW_SETTINGS)
    def _within_limits(self, proposal: dict[str, Any]) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        try:
            # the order of the thresholds is not checked: the other one may be about to change
            check({name: value})
        except OptionError as error:
            raise TraitError(str(error)) from None
        return value

    @validate("pipeline_id")
    def _is_known(self, proposal: dict[str, Any]) -> Any:
        """Refuse a pipeline that the lab's server does not have; without a lab, check nothing."""
        value = proposal["value"]
        if self._lab is None or _from_browser.get():
            return value
        try:
            known = self._lab.pipelines()
        except ServerError:  # the view shows that the server cannot be reached
            return value
        if value not in known:
            there = f"the server has no such pipeline; there are: {', '.join(known)}"
            raise TraitError(str(OptionError("pipeline_id", value, there)))
        return value

    @observe("error")
    def _find_traceback(self, change: dict[str, Any]) -> None:
        """Set `traceback` to a failed tool's, which the server does not send to its clients."""
        message = change["new"]
        report = ""
        if message and self._failures is not None:
            report = self._failures.find(message, REPORT_S if _IN_A_TOOL in message else 0.0)
        self.traceback = report

    def _on_message(self, _: Any, content: Any, buffers: Sequence[memoryview]) -> None:
        """Handle a message of the browser."""
        kind = content.get("kind") if isinstance(content, dict) else None
        if kind == "hello":
            self.send({"kind": "token", "token": self._token})
            return
        if kind == "begin":
            self._run = LiveRun(str(content["run"]), content["info"])
            return
        run = self._run
        if run is None or content.get("run") != run.run or not buffers:
            return
        if kind == "block":
            run.add_block(bytes(buffers[0]))
        elif kind == "picture":
            result, where = content["result"], (content["session"], content["frame_index"])
            run.add_picture(Snapshot(bytes(buffers[0]), result, *where))
            self.send({"kind": "picture_taken"})

    def __repr__(self) -> str:
        return f"<LiveView: {self.source} through {self.pipeline_id}, {self.status}>"


def _pipeline_of(source: str) -> str:
    return FOOTAGE_PIPELINE if source in ("camera", "file") else default_pipeline(source)


def _is_around_kernel(lab: "StreamingLab") -> bool:
    server = find_jupyter_server()
    return server is not None and server.url == lab.base_url
