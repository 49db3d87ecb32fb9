"""What decoding and each node of a pipeline cost, from a recording's rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamlab.client.summary import quantile
from streamlab.recording.columns import node_column

if TYPE_CHECKING:
    import pandas as pd


def node_costs(frames: "pd.DataFrame", nodes: Sequence[str]) -> "pd.DataFrame":
    """Return p50, p95, mean (ms) and share of decoding and of each node, a row each."""
    import pandas as pd

    done = frames[frames["fate"] == "processed"]
    columns = {"decode": "decode_ms", **{node: node_column(node) for node in nodes}}
    rows = {}
    for name, column in columns.items():
        values = done[column].dropna()
        rows[name] = {
            "p50_ms": quantile(values.tolist(), 0.50),
            "p95_ms": quantile(values.tolist(), 0.95),
            "mean_ms": values.mean(),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("node")
    table["share"] = table["mean_ms"] / table["mean_ms"].sum()
    return table
