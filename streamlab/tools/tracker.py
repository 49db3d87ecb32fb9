"""The tool `track`: detections with the ids of the things they show."""

from typing import Annotated

import msgspec
from msgspec import Meta

from streamlab.tools.params import Unit
from streamlab.tools.tool import Step, Tool, Values


class TrackParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of `track`. Scores are those of the detections."""

    high_score: Unit = 0.35
    """From here on a detection counts by itself; under it, only where a track expects one."""
    low_score: Unit = 0.1
    """Under this a detection is ignored. It must be found first: `yolo_detect` has its own."""
    new_score: Unit = 0.4
    """The least score with which a track begins."""
    sure_score: Unit = 0.7
    """With this score a new track has its id at once; under it, when it is seen again."""
    min_overlap: Unit = 0.15
    """Least IoU of a detection and a track's expected box, both widened with the gap."""
    min_low_overlap: Unit = 0.4
    """The same for detections under `high_score`."""
    duplicate_overlap: Unit = 0.6
    """A box that overlaps a surer one of its label by this IoU is the same thing again."""
    max_lost_frames: Annotated[int, Meta(ge=1, le=10_000)] = 30
    """For how many frames an unseen thing keeps its id, dropped frames included."""


class Track(Tool):
    """Follows things from frame to frame.

    `detections` are this frame's, with `track_id` where one is known; `tracks` are those that
    have one. Ids count from 1 within a session.
    """

    name = "track"
    title = "Tracks"
    reads = frozenset({"detections", "frame_index"})
    produces = frozenset({"detections", "tracks"})
    Params = TrackParams

    def open(self) -> Step:
        """Return the step of one session, which remembers its tracks."""
        from streamlab.tools.byte_track import ByteTracker, TrackRules

        tracker = ByteTracker(TrackRules(**msgspec.structs.asdict(self.params)))

        def step(values: Values) -> Values:
            detections = tracker.update(values["detections"], values["frame_index"])
            return {
                "detections": detections,
                "tracks": [d for d in detections if d.track_id is not None],
            }

        return step
