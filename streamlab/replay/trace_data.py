"""`TraceData`: what recordings prove about load, as a replay needs it."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Generic, cast

import numpy as np

from streamlab.recording.data import R
from streamlab.recording.info import RecordingInfo
from streamlab.replay.policies import ReplaySettings
from streamlab.replay.session_load import Slowdown
from streamlab.replay.transport import Transport, Way
from streamlab.replay.work import VideoWork

SETTING_NAMES = tuple(field.name for field in fields(ReplaySettings))


class TraceData(Generic[R]):
    """Arrivals, sizes and service times of a recording; see `streamlab.Trace`.

    `work` and `transport` have one item for each recorded session, `sizes` the bytes of each frame
    of its video, `results` the answers by position in the video. Replays make recordings of
    `recording_class`.
    """

    def __init__(
        self,
        info: Mapping[str, Any],
        nodes: Sequence[str],
        work: Sequence[VideoWork],
        transport: Sequence[Transport],
        slowdown: Slowdown,
        sizes: Sequence[Sequence[int]],
        results: Mapping[int, Mapping[str, Any]],
        ways: Sequence[list[Way]],
        recording_class: type[R],
    ) -> None:
        self.info = cast(RecordingInfo, dict(info))
        self.nodes = list(nodes)
        self.work = list(work)
        self.transport = list(transport)
        self.slowdown = slowdown
        self.sizes = [list(size) for size in sizes]
        self.results = dict(results)
        self.ways = list(ways)
        self.recording_class = recording_class
        self.settings = ReplaySettings(
            **{name: info[name] for name in SETTING_NAMES if info.get(name) is not None}
        )

    @property
    def length(self) -> int:
        """Frames of the video that were recorded."""
        return len(self.work[0])

    @property
    def fps(self) -> float:
        """The rate at which it was recorded, frames a second."""
        return float(self.info["fps"])

    def capacity_fps(self, workers: int = 1) -> float:
        """Return the frames a second that so many workers can process, all busy at once."""
        own = np.mean([(work.own_s + work.deferred_s).mean() for work in self.work])
        machine = self.machine_workers
        crowd = min(min(workers, machine) - 1, self.slowdown.crowd_workers)
        return float(workers / (own * (1 + self.slowdown.crowd * max(0, crowd))))

    @property
    def machine_workers(self) -> int:
        """Workers of the recorded server; a replay's workers come in machines of so many."""
        return int(self.info.get("workers") or 1)

    def headline(self) -> str:
        """Return in one line what was recorded."""
        sessions = f"{len(self.work)} session{'s' if len(self.work) > 1 else ''}"
        return (
            f"{self.info.get('video')} through {self.info.get('pipeline_id')}, {sessions} at "
            f"{self.fps:g} fps, {self.length} frames; a worker does {self.capacity_fps():.0f} fps"
        )
