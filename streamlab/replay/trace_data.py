"""`TraceData`: load and service times of recordings, the input of a replay."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Generic, cast

import numpy as np

from streamlab.backpressure.policies import policy_names
from streamlab.recording.data import R
from streamlab.recording.info import RecordingInfo
from streamlab.replay.delays import SessionDelays
from streamlab.replay.policies import ReplaySettings
from streamlab.replay.session_load import FrameDelays, Slowdown
from streamlab.replay.video_work import VideoWork

SETTING_NAMES = tuple(field.name for field in fields(ReplaySettings))


class TraceData(Generic[R]):
    """Arrivals, sizes and service times of a recording; see `streamlab.Trace`.

    `work`, `session_delays` and `sizes` (bytes of each frame of the video) have one item for each
    recorded session, `delays_by_busy` delays by number of busy workers, `results` the answers by
    position in the video. `recording_class` is the class of replayed recordings.
    """

    def __init__(
        self,
        info: Mapping[str, Any],
        nodes: Sequence[str],
        work: Sequence[VideoWork],
        session_delays: Sequence[SessionDelays],
        slowdown: Slowdown,
        sizes: Sequence[Sequence[int]],
        results: Mapping[int, Mapping[str, Any]],
        delays_by_busy: Sequence[list[FrameDelays]],
        recording_class: type[R],
    ) -> None:
        self.info = cast(RecordingInfo, dict(info))
        self.nodes = list(nodes)
        self.work = list(work)
        self.session_delays = list(session_delays)
        self.slowdown = slowdown
        self.sizes = [list(size) for size in sizes]
        self.results = dict(results)
        self.delays_by_busy = list(delays_by_busy)
        self.recording_class = recording_class
        recorded = {name: info[name] for name in SETTING_NAMES if info.get(name) is not None}
        self.missing_policy: str | None = None
        """The policy that it was recorded with, where it is not registered here."""
        if recorded.get("policy", policy_names()[0]) not in policy_names():
            self.missing_policy = str(recorded.pop("policy"))
        self.settings = ReplaySettings(**recorded)

    @property
    def length(self) -> int:
        """Number of recorded frames of the video."""
        return len(self.work[0])

    @property
    def fps(self) -> float:
        """The rate at which it was recorded, frames a second."""
        return float(self.info["fps"])

    def capacity_fps(self, workers: int = 1) -> float:
        """Return the frames a second that `workers` workers can process, all busy at once."""
        own = np.mean([(work.own_s + work.deferred_s).mean() for work in self.work])
        machine = self.machine_workers
        neighbours = min(min(workers, machine) - 1, self.slowdown.contention_workers)
        return float(workers / (own * (1 + self.slowdown.contention * max(0, neighbours))))

    @property
    def machine_workers(self) -> int:
        """Number of workers of the recorded server, and of each machine of a replay."""
        return int(self.info.get("workers") or 1)

    def headline(self) -> str:
        """Return the video, pipeline, load and capacity in one line."""
        sessions = f"{len(self.work)} session{'s' if len(self.work) > 1 else ''}"
        return (
            f"{self.info.get('video')} through {self.info.get('pipeline_id')}, {sessions} at "
            f"{self.fps:g} fps, {self.length} frames; a worker does {self.capacity_fps():.0f} fps"
        )
