"""`compare`: the same frames through several pipelines, and their answers side by side."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamlab.accuracy.agreement import Paired, pair_answers
from streamlab.client.options import whole
from streamlab.client.summary import quantile
from streamlab.errors import OptionError
from streamlab.lab.recording import Recording

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from streamlab.lab.lab import Lab

QUANTILES = (("p50", 0.50), ("p95", 0.95))


def compare(
    lab: "Lab",
    video: str | Path,
    pipelines: Sequence[str],
    *,
    progress: bool = True,
    **options: Any,
) -> "Comparison":
    """Stream the same frames through each pipeline, one after the other, and pair the answers.

    `options` are those of `Lab.stream` but `pipeline_id` and `sessions`; the policy is `lossless`
    unless they say otherwise, so that no frame is missing. Raises `OptionError` for fewer than two
    pipelines, one named twice or one that the server does not have, and what `Lab.stream` raises.

    >>> comparison = lab.compare("gate_easy", ["yolo", "yolo_ocr"])
    >>> comparison.agreement()
    """
    ids = _checked(pipelines, lab.pipelines())
    if options.pop("sessions", 1) != 1:
        raise OptionError("sessions", "…", "a comparison streams one session at a time")
    if "pipeline_id" in options:
        allowed = "the pipelines are given as a list; leave this out"
        raise OptionError("pipeline_id", options["pipeline_id"], allowed)
    asked = {"policy": "lossless", **options}
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


class Comparison:
    """Recordings of the same frames, by pipeline, and how far their answers agree.

    Neither pipeline of a pair is the truth: the figures are the same both ways. `pairs` has a row
    a pair of pipelines and frame, `recordings` what was recorded of each pipeline.

    >>> comparison = lab.compare("gate_easy", ["yolo", "yolo_ocr"])
    >>> comparison.agreement()[["a", "b", "agreement", "iou"]]
    >>> comparison.costs()
    """

    def __init__(self, recordings: Mapping[str, Recording]) -> None:
        self.recordings = dict(recordings)

    @cached_property
    def pairs(self) -> "pd.DataFrame":
        """A row for each pair of pipelines and frame that both processed.

        Columns: `a`, `b`; `video_frame` and `repeat`, how often that frame was sent before;
        `detections_a`, `detections_b`; `matched`, how many of them have the same label and an IoU
        of at least 0.5, each in one pair; `iou`, the mean over those; `agreement`,
        2 matched / (detections of both), 1 if both have none; `text_a`, `text_b`, `text_equal`,
        whether their words are the same in whatever order, and `text_agreement`, the share of the
        words that are. What one of them does not produce at all is NaN or None.
        """
        import pandas as pd

        tables = []
        for (a, b), paired in self._paired.items():
            table = paired.frames
            table.insert(0, "a", a)
            table.insert(1, "b", b)
            tables.append(table)
        return pd.concat(tables, ignore_index=True)

    def agreement(self) -> "pd.DataFrame":
        """Return a row a pair of pipelines: how far they agree over all frames that both processed.

        Columns: `a`, `b`, `frames`, and `left_out`, those that were not processed by both;
        `detections_a`, `detections_b`, `matched`, `agreement`, of all frames together; `iou`, the
        mean over what is matched; `text_equal`, the share of frames, and `text_agreement`, their
        mean.
        """
        import pandas as pd

        rows = []
        for (a, b), paired in self._paired.items():
            frames, agree = paired.frames, paired.frames["agreement"]
            sums = frames[["detections_a", "detections_b", "matched"]].sum(min_count=1)
            boxes = sums["detections_a"] + sums["detections_b"]
            overlap = (frames["iou"] * frames["matched"]).sum()
            texts = frames["text_equal"].dropna().astype(float)
            rows.append(
                {
                    "a": a,
                    "b": b,
                    "frames": len(frames),
                    "left_out": paired.left_out,
                    **sums,
                    # where neither finds anything in any frame, each frame agrees
                    "agreement": (2 * sums["matched"] / boxes if boxes else agree.mean()),
                    "iou": overlap / sums["matched"] if sums["matched"] else float("nan"),
                    "text_equal": texts.mean(),
                    "text_agreement": frames["text_agreement"].mean(),
                }
            )
        return pd.DataFrame(rows)

    def differences(self, n: int = 10) -> "pd.DataFrame":
        """Return the rows of `pairs` that differ most, `n` at most; none that agree entirely."""
        whole("n", n, 1)
        pairs = self.pairs
        differ = (pairs["agreement"] < 1) | (pairs["text_agreement"] < 1)
        order = ["agreement", "text_agreement", "iou"]
        return pairs[differ].sort_values(order, na_position="last", kind="stable").head(n)

    def costs(self) -> "pd.DataFrame":
        """Return a row a pipeline: frames `sent` and `processed`, p50 and p95 of what they took.

        In milliseconds: `total`, in the server, from receipt to the hand-over of the answer;
        `decode`; and each `node`, NaN where a pipeline has none of that name.
        """
        import pandas as pd

        rows = {}
        for id_, recording in self.recordings.items():
            done = recording.frames[recording.frames["fate"] == "processed"]
            row: dict[str, float] = {"sent": len(recording.frames), "processed": len(done)}
            totals = done["total_ms"].dropna().tolist()
            row |= {f"total_{name}_ms": quantile(totals, q) for name, q in QUANTILES}
            for node, costs in recording.node_costs().iterrows():
                name = "decode" if node == "decode" else f"node_{node}"
                row |= {f"{name}_{of}_ms": costs[f"{of}_ms"] for of, _ in QUANTILES}
            rows[id_] = row
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("pipeline")

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the agreement of each pair over the video, and what each pipeline costs."""
        from streamlab.charts.accuracy import agreement_over_time

        return agreement_over_time(self, ax)

    def __repr__(self) -> str:
        return f"<Comparison: {self._headline()}>"

    def _headline(self) -> str:
        parts = []
        for row in self.agreement().to_dict("records"):
            kinds = (("detections", row["agreement"]), ("texts", row["text_equal"]))
            said = [f"{kind} {100 * share:.1f} %" for kind, share in kinds if share == share]
            what = ", ".join(said) or "nothing in common to compare"
            parts.append(f"{row['a']} and {row['b']}: {what} of {row['frames']} frames")
        return "; ".join(parts)

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
        return f"<p>{escape(self._headline())}</p>{body}"

    @cached_property
    def _paired(self) -> dict[tuple[str, str], Paired]:
        return {
            (a, b): pair_answers(self.recordings[a], self.recordings[b])
            for a, b in combinations(self.recordings, 2)
        }
