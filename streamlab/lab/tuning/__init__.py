"""Panels for a notebook: sliders over a replay, and over recorded detections."""

from typing import TYPE_CHECKING, Unpack

from streamlab.client.options import with_options
from streamlab.errors import OptionError
from streamlab.lab.tuning.detection_panel import DetectionPanel
from streamlab.lab.tuning.threshold_panel import ThresholdPanel
from streamlab.replay.plan import REPLAY_OPTIONS, ReplayOptionsDict

if TYPE_CHECKING:
    from streamlab.lab.interfaces import StreamingLab
    from streamlab.lab.recording import Recording
    from streamlab.media.truth import Truth
    from streamlab.replay.trace import Trace

__all__ = ["DetectionPanel", "ThresholdPanel", "tune", "tune_detection"]


@with_options(REPLAY_OPTIONS.values())
def tune(
    trace: "Trace[Recording] | Recording",
    lab: "StreamingLab | None" = None,
    **start_settings: Unpack[ReplayOptionsDict],
) -> ThresholdPanel:
    """Return a panel of sliders over a replay of a trace, which a notebook shows.

    They start at the recorded settings, changed by `start_settings`, names of `Trace.run`. With a
    `lab`, a button applies them to its running stream. Raises `OptionError`, and `RecordingError`
    for a recording without a processed frame.

    >>> panel = tune(recording, fps=60)
    """
    if hasattr(trace, "trace"):
        trace = trace.trace()
    if not hasattr(trace, "run"):
        raise OptionError("trace", trace, "a recording or its trace is needed")
    return ThresholdPanel(trace, lab, **start_settings)


def tune_detection(
    recording: "Recording", truth: "Truth | None" = None, session: int = 0
) -> DetectionPanel:
    """Return a panel of sliders over the recorded detections and texts of a session.

    A notebook shows it. Without `truth`, that of the recorded video is taken; if there is none, the
    panel shows frames and counts. Raises `RecordingError` if there are no detections or the truth
    does not match, `VideoError` if the video cannot be read, and `OptionError`.

    >>> panel = tune_detection(recording)
    """
    if not hasattr(recording, "result"):
        raise OptionError("recording", recording, "a recording is needed")
    return DetectionPanel(recording, truth, session)
