"""The settings of a sweep, in jobs: settings that differ only in thresholds share a job."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from streamlab.errors import OptionError
from streamlab.replay.threshold_interval import ThresholdInterval, WatchedThreshold

if TYPE_CHECKING:
    from streamlab.replay.trace import Trace

Setting = Mapping[str, Any]
Job = list[tuple[int, dict[str, Any]]]
"""Settings with their numbers."""
THRESHOLDS = ("drop_threshold", "slowdown_threshold")


def settings_of(
    grid: Mapping[str, Iterable[Any]] | Sequence[Setting], allowed: Sequence[str]
) -> list[dict[str, Any]]:
    """Return every setting of a grid, or of a list; raises `OptionError` for unknown names.

    Combinations of a grid whose slow-down threshold is under the drop threshold are left out.
    """
    if not isinstance(grid, Mapping):
        settings = [dict(setting) for setting in grid]
        names = {name for setting in settings for name in setting}
    else:
        for name, values in grid.items():
            if isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
                raise OptionError(name, values, "a list of values to try is allowed")
        columns = [[_plain(value) for value in values] for values in grid.values()]
        settings = [dict(zip(grid, values, strict=True)) for values in product(*columns)]
        settings = [setting for setting in settings if _in_order(setting)]
        names = set(grid)
    for name in sorted(names):
        if name not in allowed:
            raise OptionError(name, "…", f"no such setting; there are: {', '.join(allowed)}")
    if not settings:
        raise OptionError("grid", grid, "it has no setting to try")
    return settings


def _plain(value: Any) -> Any:
    """Return a NumPy scalar as a Python number, anything else as it is."""
    return value.item() if hasattr(value, "item") else value


def _in_order(setting: Setting) -> bool:
    drop, slowdown = (setting.get(name) for name in THRESHOLDS)
    if isinstance(drop, int | float) and isinstance(slowdown, int | float):
        return slowdown >= drop
    return True


def jobs_of(settings: Sequence[Setting], parts: int) -> list[Job]:
    """Group settings that differ only in thresholds into at least `parts` jobs, if possible."""
    groups: dict[str, Job] = {}
    for number, setting in enumerate(settings):
        rest = repr(sorted((n, v) for n, v in setting.items() if n not in THRESHOLDS))
        groups.setdefault(rest, []).append((number, dict(setting)))
    jobs: list[Job] = []
    each = max(1, -(-parts // len(groups)))
    for job in groups.values():
        job.sort(key=lambda item: tuple(item[1].get(name, -1.0) for name in THRESHOLDS))
        size = -(-len(job) // each)
        jobs += [job[first : first + size] for first in range(0, len(job), size)]
    return jobs


def run_job(trace: "Trace[Any]", job: Job) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the figures of each setting of a job, by its number.

    A setting within the threshold intervals of an earlier run has that run's figures.
    """
    if len(job) == 1:
        # its intervals would not be used
        [(number, setting)] = job
        yield number, run_one(trace, setting)
        return
    done: list[tuple[tuple[ThresholdInterval, ...], dict[str, Any]]] = []
    for number, setting in job:
        values = [setting.get(name, getattr(trace.settings, name)) for name in THRESHOLDS]
        for intervals, figures in done:
            if all(value in interval for value, interval in zip(values, intervals, strict=True)):
                yield number, figures
                break
        else:
            intervals = tuple(ThresholdInterval() for _ in THRESHOLDS)
            watched = {
                name: WatchedThreshold.of(value, interval)
                for name, value, interval in zip(THRESHOLDS, values, intervals, strict=True)
                if _is_number(value)
            }
            figures = run_one(trace, {**setting, **watched})
            done.append((intervals, figures))
            yield number, figures


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def run_one(trace: "Trace[Any]", setting: Setting) -> dict[str, Any]:
    """Return the figures of one setting."""
    outcome = trace.run(setting)
    figures = outcome.figures()
    figures["state_changes"] = outcome.state_changes
    figures["slow_downs"] = outcome.slow_downs
    return figures
