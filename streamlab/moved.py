"""Modules that have moved: their old addresses go on working for one release, with a warning."""

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

MOVED = {
    "frames": "media.frames",
    "interpreter": "subprocess_env",
    "lab.about": "lab.server_info",
    "lab.accuracy": "accuracy",
    "lab.accuracy.averages": "accuracy.coco_ap",
    "lab.accuracy.evidence": "accuracy.evaluation_set",
    "lab.accuracy.following": "accuracy.track_association",
    "lab.accuracy.matched": "accuracy.matched_detections",
    "lab.accuracy.timing": "accuracy.moments",
    "lab.annotate": "media.annotate",
    "lab.assemble": "recording.assemble",
    "lab.bench": "lab.lab",
    "lab.capacities": "replay.capacity",
    "lab.charts": "charts",
    "lab.charts.compared": "charts.comparison",
    "lab.charts.fates": "charts.outcomes",
    "lab.charts.marks": "charts.latency_annotations",
    "lab.charts.rows": "charts.queries",
    "lab.charts.segments": "charts.latency_breakdown",
    "lab.choose": "replay.recommend",
    "lab.columns": "recording.columns",
    "lab.connecting": "lab.connection",
    "lab.costs": "recording.summary",
    "lab.default": "lab.default_lab",
    "lab.export": "replay.export",
    "lab.figures": "recording.summary",
    "lab.html": "lab.recording_card",
    "lab.options": "client.options",
    "lab.painting": "media.painting",
    "lab.pictures": "charts.pictures",
    "lab.recorded_video": "recording.info",
    "lab.recording_file": "recording.file",
    "lab.replay": "replay",
    "lab.replay.bounds": "replay.threshold_interval",
    "lab.replay.crew": "replay.process_pool",
    "lab.replay.jobs": "replay.grid",
    "lab.replay.load": "replay.session_load",
    "lab.replay.observe": "replay.service_times",
    "lab.replay.transport": "replay.delays",
    "lab.replay.work": "replay.video_work",
    "lab.running": "lab.live_sessions",
    "lab.session_table": "recording.session_table",
    "lab.style": "charts.style",
    "lab.sweeping": "replay.sweep",
    "lab.text_truth": "accuracy.track_association",
    "lab.trace": "replay.trace",
    "lab.tuning.bursts": "lab.tuning.debounce",
    "lab.tuning.definition": "lab.tuning.detection_panel",
    "lab.tuning.detection": "lab.tuning.detection_tuning",
    "lab.tuning.layers": "lab.tuning.layered_figure",
    "lab.tuning.scenery": "lab.tuning.panel_axes",
    "lab.tuning.seen": "lab.tuning.replay_arrays",
    "lab.tuning.told": "lab.tuning.metrics_line",
    "lab.tuning.tuning": "lab.tuning.threshold_tuning",
    "loop_thread": "event_loop_thread",
    "server.embedded": "server.thread_server",
    "server.policies": "server.csp",
    "sessions.backpressure": "backpressure.realtime",
    "sessions.surroundings": "sessions.interfaces",
    "sessions.window": "backpressure.window",
    "video": "media.video",
    "video_ending": "media.truncation",
    "workers.turns": "workers.scheduler",
}
"""Addresses below `streamlab`, old and new; a package stands for what is in it too."""


class MovedModules(MetaPathFinder, Loader):
    """Imports a module by its old address: the same module as by its new one."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for an old address, `None` for any other."""
        new = new_address(name)
        if new is None:
            return None
        warnings.warn(
            f"{name} has moved to {new}; the old address goes with the next release",
            DeprecationWarning,
            stacklevel=2,
        )
        return ModuleSpec(name, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module at the new address."""
        new = new_address(spec.name)
        assert new is not None
        module = import_module(new)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own spec back, which the import system has replaced."""
        spec = module.__spec__
        if spec is not None:
            module.__spec__ = spec.loader_state


def new_address(name: str) -> str | None:
    """Return where a module is now; `None` where it has not moved.

    >>> new_address("streamlab.lab.accuracy.boxes")
    'streamlab.accuracy.boxes'
    """
    package, _, rest = name.partition(".")
    if package != "streamlab":
        return None
    parts = rest.split(".")
    for length in range(len(parts), 0, -1):
        new = MOVED.get(".".join(parts[:length]))
        if new is not None:
            return ".".join(["streamlab", new, *parts[length:]])
    return None


def install() -> None:
    """Let old addresses be imported."""
    if not any(isinstance(finder, MovedModules) for finder in sys.meta_path):
        sys.meta_path.insert(0, MovedModules())
