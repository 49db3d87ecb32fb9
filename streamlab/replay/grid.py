"""Settings to try, in jobs: those that differ only in their thresholds go together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from streamlab.errors import OptionError
from streamlab.replay.bounds import Bounds, WatchedThreshold

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

    Of a grid, combinations whose slow-down threshold is under their drop threshold are left out.
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
    """Return a number of NumPy's as Python's own."""
    return value.item() if hasattr(value, "item") else value


def _in_order(setting: Setting) -> bool:
    drop, slowdown = (setting.get(name) for name in THRESHOLDS)
    if isinstance(drop, int | float) and isinstance(slowdown, int | float):
        return slowdown >= drop
    return True


def jobs_of(settings: Sequence[Setting], parts: int) -> list[Job]:
    """Put settings that differ only in thresholds together, in `parts` jobs or more if possible."""
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

    A setting within the bounds of a run before it has that run's figures: they are the same.
    """
    if len(job) == 1:
        # nobody would ask for its bounds
        [(number, setting)] = job
        yield number, run_one(trace, setting)
        return
    done: list[tuple[tuple[Bounds, ...], dict[str, Any]]] = []
    for number, setting in job:
        values = [setting.get(name, getattr(trace.settings, name)) for name in THRESHOLDS]
        for bounds, figures in done:
            if all(value in bound for value, bound in zip(values, bounds, strict=True)):
                yield number, figures
                break
        else:
            bounds = tuple(Bounds() for _ in THRESHOLDS)
            watched = {
                name: WatchedThreshold.of(value, bound)
                for name, value, bound in zip(THRESHOLDS, values, bounds, strict=True)
                if _is_number(value)
            }
            figures = run_one(trace, {**setting, **watched})
            done.append((bounds, figures))
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
