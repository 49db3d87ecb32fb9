"""The main charts of a recording on one figure."""

import textwrap
from typing import TYPE_CHECKING

from streamlab.charts.canvas import WIDTH_IN, label_text, new_figure, on_any_background
from streamlab.charts.distribution import latency_ecdf
from streamlab.charts.latency import latency_over_time
from streamlab.charts.nodes import node_costs
from streamlab.charts.outcomes import outcomes_by_second
from streamlab.charts.queries import session_numbers
from streamlab.charts.style import INK
from streamlab.charts.waterfall import waterfall

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from streamlab.recording.data import RecordingData

HEIGHT_IN = 10.5
SIZE_IN = (WIDTH_IN, HEIGHT_IN)
TITLE_CHARACTERS = 105


def dashboard(recording: "RecordingData") -> "Figure":
    """Return a figure of latency, its distribution, outcomes, single frames and node costs."""
    figure = new_figure(*SIZE_IN)
    over_time, distribution, outcomes, frames, costs = figure.subplot_mosaic(
        [["time", "time"], ["ecdf", "outcomes"], ["frames", "costs"]],
        height_ratios=(1, 1, 1.15),
    ).values()
    for ax in figure.axes:
        on_any_background(ax)
    figure.suptitle(title_of(recording), fontsize=11, color=INK)
    latency_over_time(recording, ax=over_time)
    latency_ecdf(recording, ax=distribution)
    outcomes_by_second(recording, ax=outcomes)
    waterfall(recording, session=next(iter(session_numbers(recording)), 0), ax=frames)
    node_costs(recording, ax=costs)
    return figure


def draw_latency(recording: "RecordingData", figure: "Figure") -> None:
    """Draw the latency of a recording onto a figure: over time, its distribution, by node."""
    over_time, distribution, costs = figure.subplot_mosaic(
        [["time", "time"], ["ecdf", "costs"]], height_ratios=(1.3, 1)
    ).values()
    for ax in figure.axes:
        on_any_background(ax)
    figure.suptitle(title_of(recording), fontsize=11, color=INK)
    latency_over_time(recording, ax=over_time)
    latency_ecdf(recording, ax=distribution)
    node_costs(recording, ax=costs)


def title_of(recording: "RecordingData") -> str:
    """Return the headline of a recording, wrapped."""
    return textwrap.fill(label_text(recording.headline(), TITLE_CHARACTERS * 2), TITLE_CHARACTERS)
