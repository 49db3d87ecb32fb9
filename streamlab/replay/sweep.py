"""`sweep`: a trace replayed under every setting of a grid, a row each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tqdm.auto import tqdm

from streamlab.client.options import is_iterable, whole
from streamlab.errors import OptionError
from streamlab.replay.grid import jobs_of, run_job, run_one, settings_of
from streamlab.replay.plan import PLAN_NAMES
from streamlab.replay.process_pool import Crew
from streamlab.replay.trace import as_trace
from streamlab.replay.trace_data import SETTING_NAMES
from streamlab.workers.pool import default_worker_count

if TYPE_CHECKING:
    import pandas as pd

    from streamlab.recording.data import RecordingData
    from streamlab.replay.trace import Trace

FEW_FRAMES = 100_000
"""A sweep of fewer frames is done sooner here than processes are started."""
JOBS_A_PROCESS = 4
GRID_ALLOWED = "a dict of lists, such as {'fps': [15, 30]}, or a list of dicts is allowed"


def sweep(
    trace: "Trace[Any] | RecordingData",
    grid: Mapping[str, Iterable[Any]] | Sequence[Mapping[str, Any]],
    *,
    progress: bool = True,
    processes: int | None = None,
) -> "pd.DataFrame":
    """Replay a trace under every setting of a grid and return a tidy table, one row a setting.

    `grid` maps names of `ReplaySettings` and `ReplayPlan` to the values to try, all combined, but
    for those whose slow-down threshold is under their drop threshold; or it is a list of settings.
    The columns are the names of the grid, the figures of `Recording.overall`, `state_changes` and
    `slow_downs`. `processes` is one a core unless told. Raises `OptionError` for a name that there
    is not or a value that is not allowed; an interrupt ends the sweep and leaves nothing behind.

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

        # the first is run here, so that what is wrong with the settings is told before any start
        done((0, run_one(found, settings[0])))
        frames = figures[0]["sent"] * len(settings)
        jobs = jobs_of(settings[1:], count * JOBS_A_PROCESS) if len(settings) > 1 else []
        jobs = [[(number + 1, setting) for number, setting in job] for job in jobs]
        if count == 1 or frames < FEW_FRAMES:
            for job in jobs:
                for answer in run_job(found, job):
                    done(answer)
        else:
            with Crew(found.without_results(), min(count, len(jobs))) as crew:
                crew.run(jobs, done)
    table = pd.DataFrame(settings)
    found = pd.DataFrame([figures[number] for number in range(len(settings))])
    return table.join(found)
