"""Charts of recordings: each takes `ax=None`, draws into it or a new figure, and returns the Axes.

>>> from streamlab.charts import latency_ecdf
>>> latency_ecdf(recording)
"""

import warnings
from typing import Any

from streamlab.charts.accuracy import (
    accuracy_against_value,
    accuracy_over_time,
    agreement_over_time,
    precision_recall_curve,
    staleness_over_time,
)
from streamlab.charts.comparison import compare_recordings
from streamlab.charts.dashboard import dashboard
from streamlab.charts.distribution import latency_ecdf
from streamlab.charts.latency import latency_over_time
from streamlab.charts.nodes import node_costs
from streamlab.charts.outcomes import outcomes_by_second
from streamlab.charts.tradeoff import capacity_curve, pareto_chart
from streamlab.charts.waterfall import waterfall

__all__ = [
    "accuracy_against_value",
    "accuracy_over_time",
    "agreement_over_time",
    "capacity_curve",
    "compare_recordings",
    "dashboard",
    "latency_ecdf",
    "latency_over_time",
    "node_costs",
    "outcomes_by_second",
    "pareto_chart",
    "precision_recall_curve",
    "staleness_over_time",
    "waterfall",
]


def __getattr__(name: str) -> Any:
    if name == "fates_by_second":
        warnings.warn(
            "streamlab.charts.fates_by_second is now outcomes_by_second; the old name goes with "
            "the next release",
            DeprecationWarning,
            stacklevel=2,
        )
        return outcomes_by_second
    raise AttributeError(f"module 'streamlab.charts' has no attribute {name!r}")
