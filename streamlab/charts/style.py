"""Colours, hatches and markers: an outcome looks the same in every chart and card.

Nothing is distinguished by colour alone: outcomes have markers and hatches, recordings have line
styles, nodes have hatches as soon as colours repeat.
"""

from typing import NamedTuple

from streamlab.backpressure.realtime import State
from streamlab.client.record import UNKNOWN_CAUSE
from streamlab.media.painting import PALETTE

# Okabe and Ito's palette in the order in which frames are annotated with it
BLUE, VERMILION, GREEN, PURPLE, SKY, ORANGE, YELLOW = (
    f"#{red:02X}{green:02X}{blue:02X}" for blue, green, red in PALETTE
)
INK = "#7A7A7A"
"""Colour of texts, axes and lines: a contrast of over 4 on white and on JupyterLab's #111111."""
OTHER_INK = "#808080"
CRIMSON = "#C2185B"
GREY = "#999999"


class Look(NamedTuple):
    """How something is drawn: `hatch` on areas, `marker` on points."""

    colour: str
    hatch: str
    marker: str
    label: str


PROCESSED = "processed"

OUTCOMES: dict[str, Look] = {
    PROCESSED: Look(BLUE, "", "o", "processed"),
    "overflow": Look(ORANGE, "///", "v", "dropped: overflow"),
    "replaced": Look(VERMILION, "\\\\\\", "x", "dropped: replaced"),
    "closed": Look(PURPLE, "|||", "s", "dropped: closed"),
    UNKNOWN_CAUSE: Look(YELLOW, "---", "D", "dropped: cause unknown"),
    "rejected": Look(SKY, "...", "P", "rejected"),
    "failed": Look(CRIMSON, "", "X", "failed"),
    "unanswered": Look(GREY, "xxx", "1", "unanswered"),
}
"""The outcomes, `dropped` by its cause, in the order in which they are stacked and listed."""

STATE_BANDS: dict[State, Look] = {
    "normal": Look("#FFFFFF00", "", "", "normal"),
    "warning": Look("#F0E4422E", "", "", "warning"),
    "critical": Look("#D55E002E", "", "", "critical"),
}
"""Transparent tints of yellow and vermilion; wide bands are labelled."""

# time outside the pipeline is grey, time in the queue is yellow
PARTS: dict[str, Look] = {
    "late": Look("#E3E3E3", "....", "", "sent late"),
    "upload": Look("#C4C4C4", "", "", "to the server"),
    "queued": Look(YELLOW, "", "", "queued"),
    "decode": Look(SKY, "", "", "decode"),
    "rest": Look("#9A9A9A", "", "", "to the worker and back"),
    "answer": Look("#6A6A6A", "", "", "to the client"),
}
"""The parts of a round trip besides the nodes."""

NODE_COLOURS = (GREEN, BLUE, PURPLE, ORANGE, VERMILION)
NODE_HATCHES = ("", "///", "...", "xxx")
COMPARED_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, INK)
LINE_STYLES = ("-", "--", "-.", ":")
QUANTILE_STYLES = {"p50": "-", "p95": "--", "p99": ":"}


def node_look(position: int, name: str = "") -> Look:
    """Return how the node at a position of its pipeline is drawn."""
    turn, colour = divmod(position, len(NODE_COLOURS))
    hatch = NODE_HATCHES[turn % len(NODE_HATCHES)]
    return Look(NODE_COLOURS[colour], hatch, "", name)


def compared_look(position: int) -> tuple[str, str]:
    """Return the colour and the line style of the recording at a position of a comparison."""
    colour = COMPARED_COLOURS[position % len(COMPARED_COLOURS)]
    return colour, LINE_STYLES[position % len(LINE_STYLES)]
