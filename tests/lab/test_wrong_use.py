# wrong values on purpose
# mypy: disable-error-code="arg-type, list-item, misc"

"""Mistakes that a new user makes, each answered in one sentence."""

import pytest
from recordings import calm_recording

from streamlab import charts
from streamlab.errors import StreamlabError
from streamlab.lab import (
    LiveView,
    Recording,
    breaking_points,
    capacity,
    detection_metrics,
    pareto,
    recommend,
    sweep,
)

RECORDING = calm_recording(frames=30)
TRACE = RECORDING.trace()
TABLE = sweep(TRACE, {"fps": [15, 30]}, progress=False)
QUIET = {"progress": False}
MISTAKES = {
    "load nothing": lambda: Recording.load(None),
    "save nowhere": lambda: RECORDING.save(None),
    "load a folder": lambda: Recording.load("/tmp"),
    "load a text": lambda: Recording.load("README.md"),
    "settings that are none": lambda: TRACE.replay("fps"),
    "a negative rate": lambda: TRACE.replay(fps=-1),
    "a rate as a text": lambda: TRACE.replay(fps="30"),
    "no grid": lambda: sweep(TRACE, None, **QUIET),
    "a text for a grid": lambda: sweep(TRACE, "fps", **QUIET),
    "no trace": lambda: sweep("gate_easy", {"fps": [15]}, **QUIET),
    "one number for many": lambda: capacity(TRACE, 4, **QUIET),
    "one number of workers": lambda: capacity(TRACE, [1], 2, **QUIET),
    "capacity of a name": lambda: capacity("gate_easy", [1], **QUIET),
    "another table": lambda: breaking_points(TABLE),
    "no table": lambda: pareto([1]),
    "a list of limits": lambda: recommend(TABLE, "p95_ms", ["p95_ms"]),
    "an unknown metric": lambda: charts.capacity_curve(capacity(TRACE, [1], **QUIET), "p96_ms"),
    "recordings without names": lambda: charts.compare_recordings([RECORDING]),
    "a name for a recording": lambda: RECORDING.trace("gate_easy"),
    "a source for a lab": lambda: LiveView("gate_easy"),
    "metrics of a name": lambda: detection_metrics("gate_easy"),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_answered_in_one_sentence(mistake):
    with pytest.raises(StreamlabError) as caught:
        mistake()
    assert "\n" not in str(caught.value)
