"""Random sessions by seed, and a digest of every decision that a policy takes in them.

`decisions.json` was made from the class as it was before it was parted into modules:
`python tests/support/decision_sequences.py` prints the table for the class as it is now.
"""

import hashlib
import json
from random import Random

from streamlab.backpressure.realtime import Backpressure, BackpressureSettings

SEEDS = range(120)
EVENTS = 1500
THRESHOLDS = ((0.1, 0.3), (0.0, 0.0), (0.02, 0.9), (0.5, 0.5), (0.1, 0.1), (0.05, 0.2))


def settings_of(drawn, policy):
    """Draw settings; `random()` alone is the same in every version of Python."""
    drop, slowdown = THRESHOLDS[int(drawn.random() * len(THRESHOLDS))]
    waiting = 1 + int(drawn.random() * 4)
    window_s = (0.3, 1.0, 2.0, 5.0)[int(drawn.random() * 4)]
    return BackpressureSettings(drop, slowdown, policy, waiting, window_s)


def digest(seed, policy="realtime"):
    """Run a random session; return the digest of its decisions and how often the state changed."""
    drawn = Random(seed)
    deciding = Backpressure(settings_of(drawn, policy))
    told = hashlib.sha256()
    now, index, changes, dropped = 0.0, 0, 0, 0
    load, service_s, ends_at = 1.0, 0.05, None

    def note(kind, decision):
        nonlocal changes, dropped
        changes += decision.state is not None
        dropped += len(decision.dropped)
        # a cause means something where frames were dropped
        cause = decision.cause if decision.dropped else None
        row = [kind, now, decision.dropped, cause, decision.state, decision.target_fps]
        told.update(json.dumps(row).encode())

    for number in range(EVENTS):
        if number % 150 == 0:
            load = (0.3, 0.8, 0.99, 1.2, 2.0, 6.0)[int(drawn.random() * 6)]
            service_s = 0.01 + 0.09 * drawn.random()
        gap = -service_s / load if drawn.random() < 0.2 else service_s / load
        arrives = now + max(0.0, gap * (0.5 + drawn.random()))
        while ends_at is not None and ends_at <= arrives:
            now, ends_at = ends_at, None
            note("finish", deciding.finish(now))
            if deciding.start(now) is not None:
                ends_at = now + service_s * (0.5 + drawn.random())
        now = arrives
        chance = drawn.random()
        if chance < 0.01:
            now += 4 * drawn.random()
            note("observe", deciding.observe(now))
        elif chance < 0.013:
            note("retune", deciding.retune(now, settings_of(drawn, policy)))
        elif chance < 0.02:
            note("observe", deciding.observe(now))
        else:
            note("arrive", deciding.arrive(now, index))
            index += 1
        if ends_at is not None:
            ends_at = max(ends_at, now)
        elif (started := deciding.start(now)) is not None:
            told.update(f"start {started} at {now!r}".encode())
            ends_at = now + service_s * (0.5 + drawn.random())
        row: list[object] = [deciding.state, deciding.waiting, deciding.in_flight]
        if policy == "realtime":
            row += [deciding.drop_rate(now), deciding.busy(now), deciding.sustainable_fps(now)]
        told.update(json.dumps(row).encode())
    return [told.hexdigest()[:16], changes, dropped]


def table():
    """Return the digests by policy and seed."""
    return {policy: [digest(seed, policy) for seed in SEEDS] for policy in ("realtime", "lossless")}


if __name__ == "__main__":
    rows = {policy: [json.dumps(row) for row in found] for policy, found in table().items()}
    print(  # noqa: T201
        "{\n"
        + ",\n".join(
            f'  "{name}": [\n    ' + ",\n    ".join(found) + "\n  ]" for name, found in rows.items()
        )
        + "\n}"
    )
