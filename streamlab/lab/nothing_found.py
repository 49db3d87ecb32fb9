"""Advice for a user whose pipeline detected nothing in a video: another pipeline to try."""

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
"""Maximum number of a pipeline's labels that are named; the others are counted."""

Labels = Mapping[str, Sequence[str] | None]
"""The labels of each pipeline by its id; None if unknown."""


def advice(
    video: str | Path, pipeline_id: str, labels: Labels, chosen_by: str = "--pipeline {}"
) -> str | None:
    """Return a sentence that names a pipeline with other labels, None if there is none.

    `chosen_by` is the option that chooses a pipeline. Samples have pipelines of their own: None.

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
    """Return `advice` if a stream without filters detected nothing, else None.

    The labels are requested from the server; None if it does not answer.
    """
    if options.min_score or options.labels is not None:
        return None
    results = [row.result for record in records for row in record.rows if row.result is not None]
    if not results or not all(_is_empty(result) for result in results):
        return None
    try:
        pipelines = ask(base_url, PIPELINES_PATH, token)["pipelines"]
    except ServerError:
        return None
    labels = {pipeline["id"]: pipeline.get("labels") for pipeline in pipelines}
    return advice(video, options.pipeline_id, labels, chosen_by)


def _is_empty(result: Mapping[str, Any]) -> bool:
    """Return whether a result has an empty list of detections."""
    return "detections" in result and not result["detections"]
