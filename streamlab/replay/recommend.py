"""The Pareto front of a sweep, and the recommendation of a setting within limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamlab.backpressure.policies import policy_names
from streamlab.backpressure.settings import TUNABLE, BackpressureSettings
from streamlab.errors import NoSettingError, OptionError
from streamlab.replay.export import environment_lines, jupyter_config, settings_json
from streamlab.replay.plan import PLAN_NAMES
from streamlab.replay.trace_data import SETTING_NAMES

if TYPE_CHECKING:
    import pandas as pd

HIGHER_IS_BETTER = ("processed", "processed_fps", "sent_fps")
OBJECTIVES = ("p95_ms", "processed_fps", "staleness_p95_ms")
"""Latency against frames processed against staleness."""
DEFAULTS = {field.name: field.default for field in fields(BackpressureSettings)}
LIMIT = re.compile(r"^\s*(<=|>=|<|>)\s*(\S+)\s*$")


def pareto(
    table: "pd.DataFrame", objectives: tuple[str, ...] | Mapping[str, str] = OBJECTIVES
) -> "pd.DataFrame":
    """Return the Pareto front of a sweep: the rows that no other row dominates.

    `objectives` are columns; rates and counts of processed frames are maximised, all others
    minimised, unless a mapping says `"min"` or `"max"`. Of rows that are equal in all objectives,
    the first is kept. Raises `OptionError` for an unknown column.

    >>> pareto(table, {"p95_ms": "min", "processed": "max"})
    """
    import numpy as np

    senses = _senses(table, objectives)
    costs = np.column_stack(
        [table[name].to_numpy(dtype=float) * (1 if low else -1) for name, low in senses.items()]
    )
    costs = np.where(np.isnan(costs), np.inf, costs)
    _, first = np.unique(costs, axis=0, return_index=True)
    order = first[np.lexsort(costs[first].T[::-1])]
    kept: list[int] = []
    for row in order:
        if not np.isfinite(costs[row]).any():
            continue
        better = costs[kept] <= costs[row] if kept else np.zeros((0, costs.shape[1]), bool)
        if not better.all(axis=1).any():
            kept.append(int(row))
    return table.iloc[sorted(kept)]


@dataclass(frozen=True)
class Recommendation:
    """Settings, the figures expected of them from a replay, and the reason in one sentence.

    Made by `recommend`. `settings` has the names of the sweep's grid, `expected` its other columns.

    >>> choice = recommend(table)
    >>> choice.save("chosen.json")
    >>> lab.stream("gate_easy", **choice.stream_options)
    """

    settings: dict[str, Any]
    expected: dict[str, Any]
    reason: str

    @property
    def tunable(self) -> dict[str, Any]:
        """The settings that can be changed in a live session."""
        return {name: self.settings[name] for name in TUNABLE if name in self.settings}

    @property
    def stream_options(self) -> dict[str, Any]:
        """The settings as `Lab.stream` takes them, to verify them live."""
        names = (*self.tunable, "policy", "fps", "sessions", "adaptive")
        return {name: self.settings[name] for name in names if name in self.settings}

    def environment(self) -> str:
        """Return the settings as `STREAM_*` lines, for a shell or an env file."""
        return environment_lines(self.settings)

    def json(self) -> str:
        """Return settings, expected figures and reason as JSON."""
        return settings_json(self.settings, self.expected, self.reason)

    def jupyter_config(self) -> str:
        """Return the settings as lines for `jupyter_server_config.py`."""
        return jupyter_config(self.settings)

    def save(self, path: str | Path) -> Path:
        """Write a file: `.json`, `.py` (Jupyter config), or `STREAM_*` lines by any other name."""
        path = Path(path)
        made = {".json": self.json, ".py": self.jupyter_config}.get(path.suffix, self.environment)
        try:
            path.write_text(made())
        except OSError as error:
            raise OptionError("path", str(path), f"cannot be written: {error.strerror}") from None
        return path

    def __str__(self) -> str:
        return self.reason

    def _repr_html_(self) -> str:
        from html import escape

        from streamlab.cards import card, table

        shown = ("processed_fps", "drop_rate", "p50_ms", "p95_ms", "staleness_p95_ms")
        expected = [(name, _shown(self.expected[name])) for name in shown if name in self.expected]
        chosen = [(name, _shown(value)) for name, value in self.settings.items()]
        return card(
            [
                f"<div>{escape(self.reason)}</div>",
                table(("setting", "value"), chosen),
                table(("expected", "value"), expected),
            ]
        )


CONSTRAINTS_ALLOWED = "a dict of limits by column, such as {'p95_ms': 40}, is allowed"


def recommend(
    table: "pd.DataFrame",
    objective: str = "staleness_p95_ms",
    constraints: Mapping[str, float | str] | None = None,
) -> Recommendation:
    """Return the setting of a sweep that is best in `objective` within the `constraints`.

    A constraint maps a column to a limit: a number is an upper limit (a lower one for rates and
    counts of processed frames), a text such as `">= 20"` names the relation. Among equals the one
    that differs least from the defaults is taken. Only registered policies are recommended. Raises
    `NoSettingError`, with the nearest value, if no setting is within the limits, and `OptionError`
    for an unknown column.

    >>> choice = recommend(table, "staleness_p95_ms", {"drop_rate": 1, "processed_fps": ">= 1"})
    >>> choice.settings, choice.reason
    """
    import pandas as pd

    senses = _senses(table, (objective,))
    low = senses[objective]
    if constraints is not None and not isinstance(constraints, Mapping):
        raise OptionError("constraints", constraints, CONSTRAINTS_ALLOWED)
    candidates = table
    if "policy" in table:
        candidates = candidates[candidates["policy"].isin(policy_names())]
    limits = {name: _limit(name, limit, table) for name, limit in (constraints or {}).items()}
    for name, (sign, value) in limits.items():
        within = candidates[_compare(candidates[name], sign, value)]
        if not len(within):
            best = candidates[name].min() if sign.startswith("<") else candidates[name].max()
            nearest = "nothing is left" if pd.isna(best) else f"the nearest is {best:g}"
            raise NoSettingError(f"no setting has {name} {sign} {value:g}; {nearest}", len(table))
        candidates = within
    candidates = candidates[candidates[objective].notna()]
    if not len(candidates):
        raise NoSettingError(f"no setting has a {objective}", len(table))
    best = candidates[objective].min() if low else candidates[objective].max()
    equals = candidates[candidates[objective] == best]
    chosen = min(equals.index, key=lambda row: _distance(equals.loc[row]))
    names = [name for name in (*SETTING_NAMES, *PLAN_NAMES) if name in table]
    # by column: a row would convert integers to floats
    settings = {name: _plain(table.at[chosen, name]) for name in names}
    expected = {name: _plain(table.at[chosen, name]) for name in table if name not in names}
    reason = _reason(table, candidates, equals, objective, low, limits, settings, best)
    return Recommendation(settings, expected, reason)


def _reason(
    table: "pd.DataFrame",
    within: "pd.DataFrame",
    equals: "pd.DataFrame",
    objective: str,
    low: bool,
    limits: Mapping[str, tuple[str, float]],
    settings: Mapping[str, Any],
    best: float,
) -> str:
    given = " and ".join(f"{name} {sign} {value:g}" for name, (sign, value) in limits.items())
    count = f"Of {len(table)} settings, {len(within)} " + (
        f"keep {given}" if given else "are allowed"
    )
    # names with a single value in the table were not chosen
    tried = {name: v for name, v in settings.items() if table[name].nunique() > 1} or settings
    chosen = ", ".join(f"{name}={_shown(value)}" for name, value in tried.items())
    extreme = "lowest" if low else "highest"
    text = f"{count}; {objective} is {extreme} there ({best:.4g}) with {chosen}"
    others = len(equals) - 1
    if others:
        does = "another does" if others == 1 else f"{others} others do"
        text += f", where {does} as well and this differs least from the defaults"
    return text + "."


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _distance(row: "pd.Series[Any]") -> tuple[int, float]:
    """Return the number of settings that differ from the defaults, and the sum of differences."""
    changed, by = 0, 0.0
    for name, default in DEFAULTS.items():
        if name in row and row[name] != default:
            changed += 1
            if isinstance(default, int | float):
                by += abs(float(row[name]) - default) / max(abs(default), 1e-9)
    return changed, by


def _senses(
    table: "pd.DataFrame", objectives: tuple[str, ...] | Mapping[str, str]
) -> dict[str, bool]:
    """Return, for each objective, whether it is minimised; raises `OptionError`."""
    named = objectives if isinstance(objectives, Mapping) else dict.fromkeys(objectives, "")
    senses: dict[str, bool] = {}
    for name, sense in named.items():
        _known(name, table)
        if sense not in ("", "min", "max"):
            raise OptionError(name, sense, "'min' or 'max' is allowed")
        senses[name] = name not in HIGHER_IS_BETTER if sense == "" else sense == "min"
    if not senses:
        raise OptionError("objectives", objectives, "at least one column is needed")
    return senses


def _known(name: str, table: "pd.DataFrame") -> None:
    if not hasattr(table, "select_dtypes"):
        raise OptionError("table", type(table).__name__, "a table of sweep() is needed")
    numbers = [str(column) for column in table.select_dtypes("number")]
    if name not in numbers:
        raise OptionError("column", name, f"no such figure; there are: {', '.join(numbers)}")


def _limit(name: str, limit: float | str, table: "pd.DataFrame") -> tuple[str, float]:
    _known(name, table)
    allowed = "a number, or a text such as '<= 40', is allowed"
    if isinstance(limit, str):
        found = LIMIT.match(limit)
        if found is None:
            raise OptionError(name, limit, allowed)
        sign, text = found.groups()
    else:
        sign, text = (">=" if name in HIGHER_IS_BETTER else "<="), str(limit)
    try:
        return sign, float(text)
    except ValueError:
        raise OptionError(name, limit, allowed) from None


def _compare(values: "pd.Series[Any]", sign: str, value: float) -> "pd.Series[bool]":
    made: pd.Series[bool] = {
        "<=": values.le, ">=": values.ge, "<": values.lt, ">": values.gt
    }[sign](value)  # fmt: skip
    return made


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
