"""`compare`: the same frames through several pipelines, and their answers side by side."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from streamlab.accuracy.comparison import ComparisonData
from streamlab.client.options import CompareOptionsDict
from streamlab.errors import OptionError
from streamlab.lab.recording import Recording

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from streamlab.lab.interfaces import StreamingLab


def compare(
    lab: "StreamingLab",
    video: str | Path,
    pipelines: Sequence[str],
    *,
    progress: bool = True,
    **options: Unpack[CompareOptionsDict],
) -> "Comparison":
    """Stream the same frames through each pipeline, one after the other, and pair the answers.

    `options` are those of `Lab.stream` but `pipeline_id` and `sessions`; the policy is `lossless`
    unless they say otherwise, so that no frame is missing. Raises `OptionError` for fewer than two
    pipelines, one named twice or one that the server does not have, and what `Lab.stream` raises.

    >>> comparison = lab.compare("gate_easy", ["yolo", "yolo_ocr"])
    >>> comparison.agreement()
    """
    ids = _checked(pipelines, lab.pipelines())
    given: dict[str, Any] = dict(options)
    if given.pop("sessions", 1) != 1:
        raise OptionError("sessions", "…", "a comparison streams one session at a time")
    if "pipeline_id" in given:
        allowed = "the pipelines are given as a list; leave this out"
        raise OptionError("pipeline_id", given["pipeline_id"], allowed)
    asked: dict[str, Any] = {"policy": "lossless", **given}
    return Comparison(
        {id_: lab.stream(video, progress=progress, pipeline_id=id_, **asked) for id_ in ids}
    )


def _checked(pipelines: Sequence[str], known: Sequence[str]) -> list[str]:
    there = f"there are: {', '.join(known)}"
    if isinstance(pipelines, str):
        raise OptionError("pipelines", pipelines, f"a list of at least two is needed; {there}")
    ids = list(pipelines)
    for id_ in ids:
        if id_ not in known:
            raise OptionError("pipelines", id_, f"the server has no such pipeline; {there}")
        if ids.count(id_) > 1:
            raise OptionError("pipelines", id_, f"each can be named once; {there}")
    if len(ids) < 2:
        raise OptionError("pipelines", ids, f"at least two are needed; {there}")
    return ids


class Comparison(ComparisonData[Recording]):
    """Recordings of the same frames, by pipeline, and how far their answers agree.

    Neither pipeline of a pair is the truth: the figures are the same both ways. `pairs` has a row
    a pair of pipelines and frame, `recordings` what was recorded of each pipeline.

    >>> comparison = lab.compare("gate_easy", ["yolo", "yolo_ocr"])
    >>> comparison.agreement()[["a", "b", "agreement", "iou"]]
    >>> comparison.costs()
    """

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the agreement of each pair over the video, and what each pipeline costs."""
        from streamlab.charts.accuracy import agreement_over_time

        return agreement_over_time(self, ax)

    def _repr_html_(self) -> str:
        tables = (
            ("Agreement", self.agreement().round(3)),
            ("Cost", self.costs().round(1)),
            ("Where they differ most", self.differences(5).round(3)),
        )
        body = "".join(
            f"<h4>{title}</h4>{table.to_html(border=0, na_rep='', index=title == 'Cost')}"
            for title, table in tables
            if len(table)
        )
        return f"<p>{escape(self.headline())}</p>{body}"
