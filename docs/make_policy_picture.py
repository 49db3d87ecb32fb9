"""Makes the picture and the table of `docs/policies.md` in virtual time, from the page's class.

`python docs/make_policy_picture.py` writes the picture and prints the table.
"""

import re
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "policies.md"
sys.path.insert(0, str(ROOT))

from benchmarks.backpressure import bursts, regular, run, steady  # noqa: E402
from streamlab.recording.summary import quantile_of  # noqa: E402
from streamlab.replay.policies import ReplaySettings  # noqa: E402

POLICIES = ("realtime", "latest", "codel")
LOADS = {
    "bursts of 3, 15 fps": bursts(15, 3),
    "2.5 % over capacity": regular(20.5),
    "twice the capacity": regular(40),
    "four times the capacity": regular(80),
}
SHOWN_S = 20


def register_codel() -> None:
    """Run the block of the page that defines the policy."""
    code = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)[0]
    exec(compile(code, str(PAGE), "exec"), {})


def rows() -> list[str]:
    """Return the rows of the page's table."""
    made = []
    for load, arrivals in LOADS.items():
        for policy in POLICIES:
            outcome = run(arrivals, steady(arrivals), ReplaySettings(policy=policy))
            latencies = (outcome.decided_s - outcome.received_s)[outcome.processed]
            figures = [1e3 * quantile_of(latencies, share) for share in (0.5, 0.95)]
            share = 100 * float(np.mean(outcome.processed))
            cells = [load, f"`{policy}`", f"{share:.0f}", *(f"{value:.0f}" for value in figures)]
            made.append(f"| {' | '.join(cells)} |")
    return made


def picture() -> None:
    """Draw the latency of each processed frame at twice the capacity."""
    import matplotlib.pyplot as plt

    from streamlab.charts.style import compared_look

    figure, ax = plt.subplots(figsize=(7, 3), dpi=120, layout="constrained")
    arrivals = LOADS["twice the capacity"]
    for position, policy in enumerate(POLICIES):
        outcome = run(arrivals, steady(arrivals), ReplaySettings(policy=policy))
        done = outcome.processed & (outcome.received_s < SHOWN_S)
        latency_ms = 1e3 * (outcome.decided_s - outcome.received_s)[done]
        colour, dashes = compared_look(position)
        ax.plot(outcome.received_s[done], latency_ms, dashes, color=colour, label=policy)
    ax.set(yscale="log", xlabel="seconds", ylabel="latency (ms)", xlim=(0, SHOWN_S))
    ax.set_title("Twice the capacity, 50 ms a frame", loc="left", fontsize=10)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False)
    figure.savefig(ROOT / "docs" / "pictures" / "policies.png")


if __name__ == "__main__":
    register_codel()
    picture()
    sys.stdout.write("\n".join(rows()) + "\n")
