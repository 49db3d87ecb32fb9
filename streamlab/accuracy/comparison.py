"""`ComparisonData`: answers of several pipelines to the same frames, paired frame by frame."""

from collections.abc import Mapping
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Generic

from streamlab.accuracy.agreement import Paired, pair_answers
from streamlab.client.options import whole
from streamlab.quantiles import quantile
from streamlab.recording.data import R

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = (("p50", 0.50), ("p95", 0.95))


class ComparisonData(Generic[R]):
    """Recordings of the same frames, by pipeline, and the agreement of their answers.

    Neither pipeline of a pair is the truth: the figures are symmetric. `pairs` has a row for each
    pair of pipelines and frame, `recordings` the recording of each pipeline.
    """

    def __init__(self, recordings: Mapping[str, R]) -> None:
        self.recordings = dict(recordings)

    @cached_property
    def pairs(self) -> "pd.DataFrame":
        """A row for each pair of pipelines and frame that both processed.

        Columns: `a`, `b`; `video_frame` and `repeat`, how often that frame was sent before;
        `detections_a`, `detections_b`; `matched`, the number of pairs of the same label and an IoU
        of at least 0.5; `iou`, the mean over those pairs; `agreement`,
        2 matched / (detections of both), 1 if both have none; `text_a`, `text_b`, `text_equal`,
        whether their words are the same in any order, and `text_agreement`, the share of the words
        that are the same. A value that one of the two does not produce is NaN or None.
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
        """Return the agreement of each pair of pipelines over all frames that both processed.

        Columns: `a`, `b`, `frames`, and `left_out`, the number of frames that were not processed by
        both; `detections_a`, `detections_b`, `matched`, `agreement`, of all frames together; `iou`,
        the mean over matched pairs; `text_equal`, the share of frames, and `text_agreement`, the
        mean over frames.
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
        """Return a row for each pipeline: frames `sent` and `processed`, p50 and p95 of times.

        Times in milliseconds: `total`, in the server, from receipt to the hand-over of the answer;
        `decode`; and each `node`, NaN where a pipeline has no node of that name.
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

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.headline()}>"

    def headline(self) -> str:
        """Return the agreement of each pair, in one line."""
        parts = []
        for row in self.agreement().to_dict("records"):
            kinds = (("detections", row["agreement"]), ("texts", row["text_equal"]))
            shares = [f"{kind} {100 * share:.1f} %" for kind, share in kinds if share == share]
            what = ", ".join(shares) or "nothing in common to compare"
            parts.append(f"{row['a']} and {row['b']}: {what} of {row['frames']} frames")
        return "; ".join(parts)

    @cached_property
    def _paired(self) -> dict[tuple[str, str], Paired]:
        return {
            (a, b): pair_answers(self.recordings[a], self.recordings[b])
            for a, b in combinations(self.recordings, 2)
        }
