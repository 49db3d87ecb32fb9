"""The main charts of a recording on one figure."""

import textwrap
from typing import TYPE_CHECKING

from streamlab.charts.canvas import WIDTH_IN, new_figure, on_any_background, plain
from streamlab.charts.distribution import latency_ecdf
from streamlab.charts.fates import fates_by_second
from streamlab.charts.latency import latency_over_time
from streamlab.charts.nodes import node_costs
from streamlab.charts.rows import session_numbers
from streamlab.charts.style import INK
from streamlab.charts.waterfall import waterfall

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from streamlab.recording.data import RecordingData

HEIGHT_IN = 10.5
SIZE_IN = (WIDTH_IN, HEIGHT_IN)
TITLE_CHARACTERS = 105


def dashboard(recording: "RecordingData") -> "Figure":
    """Return a figure of latency over time, its distribution, fates, single frames and costs."""
    figure = new_figure(*SIZE_IN)
    over_time, distribution, fates, frames, costs = figure.subplot_mosaic(
        [["time", "time"], ["ecdf", "fates"], ["frames", "costs"]],
        height_ratios=(1, 1, 1.15),
    ).values()
    for ax in figure.axes:
        on_any_background(ax)
    figure.suptitle(title_of(recording), fontsize=11, color=INK)
    latency_over_time(recording, ax=over_time)
    latency_ecdf(recording, ax=distribution)
    fates_by_second(recording, ax=fates)
    waterfall(recording, session=next(iter(session_numbers(recording)), 0), ax=frames)
    node_costs(recording, ax=costs)
    return figure


def draw_latency(recording: "RecordingData", figure: "Figure") -> None:
    """Draw where the latency of a recording is onto a figure: over time, its spread, by node."""
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
    """Return a recording in a line or two."""
    return textwrap.fill(plain(recording.headline(), TITLE_CHARACTERS * 2), TITLE_CHARACTERS)
