"""What to try where a pipeline found nothing in a video of the user's own."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from streamlab.client.http import ask
from streamlab.client.options import StreamOptions
from streamlab.client.record import SessionRecord
from streamlab.errors import ServerError
from streamlab.media.samples import FOOTAGE_PIPELINE, is_sample
from streamlab.pipelines.findings import listed
from streamlab.server.routes import PIPELINES_PATH

MOST_LABELS = 4
"""Labels of a pipeline that are named; the others are counted."""

Labels = Mapping[str, Sequence[str] | None]
"""What each pipeline finds, by its id; None where that is not known."""


def advice(
    video: str | Path, pipeline_id: str, labels: Labels, chosen_by: str = "--pipeline {}"
) -> str | None:
    """Return a sentence that names a pipeline that finds other things, None where there is none.

    `chosen_by` says how a pipeline is chosen. Samples need no advice: each has its own pipeline.

    >>> advice("clip.mp4", "yolo", {"yolo": ["plate"], "everyday": ["person", "car"]})
    'nothing was found: yolo knows plate; --pipeline everyday knows person, car'
    """
    ours, others = labels.get(pipeline_id), labels.get(FOOTAGE_PIPELINE)
    if not ours or not others or is_sample(video) or set(others) <= set(ours):
        return None
    known = listed(tuple(ours), MOST_LABELS)
    choice = chosen_by.format(FOOTAGE_PIPELINE)
    knows = listed(tuple(others), MOST_LABELS)
    return f"nothing was found: {pipeline_id} knows {known}; {choice} knows {knows}"


def advice_after_stream(
    records: Iterable[SessionRecord],
    video: str | Path,
    options: StreamOptions,
    base_url: str,
    token: str | None,
    chosen_by: str = "--pipeline {}",
) -> str | None:
    """Return `advice` where a stream's pipeline, which was asked for all, detected nothing.

    The server is asked what its pipelines find; one that does not answer has no advice.
    """
    if options.min_score or options.labels is not None:
        return None
    results = [row.result for record in records for row in record.rows if row.result is not None]
    if not results or not all(_is_empty(result) for result in results):
        return None
    try:
        told = ask(base_url, PIPELINES_PATH, token)["pipelines"]
    except ServerError:
        return None
    labels = {pipeline["id"]: pipeline.get("labels") for pipeline in told}
    return advice(video, options.pipeline_id, labels, chosen_by)


def _is_empty(result: Mapping[str, Any]) -> bool:
    """Say whether a pipeline that detects has detected nothing in a frame."""
    return "detections" in result and not result["detections"]
