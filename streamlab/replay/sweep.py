"""`sweep`: a trace replayed under every setting of a grid, a row each."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tqdm.auto import tqdm

from streamlab.client.options import is_iterable, whole
from streamlab.errors import OptionError
from streamlab.replay.grid import jobs_of, run_job, run_one, settings_of
from streamlab.replay.plan import PLAN_NAMES
from streamlab.replay.process_pool import ProcessPool, pack_policies
from streamlab.replay.trace import as_trace
from streamlab.replay.trace_data import SETTING_NAMES
from streamlab.workers.pool import default_worker_count

if TYPE_CHECKING:
    import pandas as pd

    from streamlab.recording.data import RecordingData
    from streamlab.replay.trace import Trace

FEW_FRAMES = 100_000
"""Number of frames below which a sweep runs in this process: starting others takes longer."""
JOBS_A_PROCESS = 4
GRID_ALLOWED = "a dict of lists, such as {'fps': [15, 30]}, or a list of dicts is allowed"


def sweep(
    trace: "Trace[Any] | RecordingData",
    grid: Mapping[str, Iterable[Any]] | Sequence[Mapping[str, Any]],
    *,
    progress: bool = True,
    processes: int | None = None,
) -> "pd.DataFrame":
    """Replay a trace under every setting of a grid and return a tidy table, one row per setting.

    `grid` maps names of `ReplaySettings` and `ReplayPlan` to lists of values, of which all
    combinations are run, except those whose slow-down threshold is under the drop threshold; or it
    is a list of settings. The columns are the names of the grid, the figures of
    `Recording.overall`, `state_changes` and `slow_downs`. `processes` defaults to the number of
    cores; policies that were registered here are sent to them. Raises `OptionError` for an unknown
    name or a value that is not allowed, and `PolicyError` for a policy that fails; an interrupt
    ends the sweep and its processes.

    >>> table = sweep(trace, {"fps": [15, 30, 60], "drop_threshold": [0.05, 0.1]})
    """
    import pandas as pd

    whole("processes", processes, 1)
    found = as_trace(trace)
    if not (is_iterable(grid) and isinstance(grid, Mapping | Sequence)):
        raise OptionError("grid", grid, GRID_ALLOWED)
    settings = settings_of(grid, (*SETTING_NAMES, *PLAN_NAMES))
    count = processes or default_worker_count()
    figures: dict[int, dict[str, Any]] = {}
    with tqdm(total=len(settings), desc="replaying", unit=" settings", disable=not progress) as bar:

        def done(answer: tuple[int, dict[str, Any]]) -> None:
            figures[answer[0]] = answer[1]
            bar.update()

        # the first setting is run here: an error is raised before processes are started
        done((0, run_one(found, settings[0])))
        frames = figures[0]["sent"] * len(settings)
        jobs = jobs_of(settings[1:], count * JOBS_A_PROCESS) if len(settings) > 1 else []
        jobs = [[(number + 1, setting) for number, setting in job] for job in jobs]
        packed = None
        if count > 1 and frames >= FEW_FRAMES:
            packed = _packed_policies(found, settings)
        if packed is None:
            for job in jobs:
                for answer in run_job(found, job):
                    done(answer)
        else:
            with ProcessPool(found.without_results(), min(count, len(jobs)), packed) as pool:
                pool.run(jobs, done)
    table = pd.DataFrame(settings)
    found = pd.DataFrame([figures[number] for number in range(len(settings))])
    return table.join(found)


def _packed_policies(trace: "Trace[Any]", settings: Sequence[Mapping[str, Any]]) -> bytes | None:
    """Return the policies of some settings for other processes; None if they cannot be sent."""
    names = {str(setting.get("policy", trace.settings.policy)) for setting in settings}
    try:
        return pack_policies(names)
    except Exception as error:  # noqa: BLE001 - any object that a class refers to may refuse pickling
        warnings.warn(
            f"the sweep runs in this process alone, since a policy cannot be sent to others: "
            f"{type(error).__name__}: {error}",
            RuntimeWarning,
            stacklevel=3,
        )
        return None
