"""The query parameters of a session's URL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from streamlab.backpressure.policies import check_policy
from streamlab.backpressure.settings import (
    ORDER_ALLOWED,
    TUNABLE,
    BackpressureSettings,
)
from streamlab.declaration import Setting, declared, setting
from streamlab.errors import InvalidParameterError, InvalidPipelineError, OptionError
from streamlab.kinds import Choice
from streamlab.pipelines.detection_filter import ALL_DETECTIONS, DetectionFilter
from streamlab.pipelines.graph import Plan, changed_filter
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.sessions.messages import DETAILS, Detail
from streamlab.settings import Settings


@dataclass(frozen=True)
class SessionQuery:
    """The pipeline and settings of a session."""

    pipeline_id: str
    backpressure: BackpressureSettings
    detail: Detail = setting(DETAILS[0], Choice(DETAILS), "`full` adds a `server` object")
    detection_filter: DetectionFilter = ALL_DETECTIONS


def parse_query(
    values: Mapping[str, Sequence[str]], pipelines: PipelineRegistry, settings: Settings
) -> SessionQuery:
    """Check the query parameters of a session, each with all the values that it is given.

    Raises `InvalidPipelineError` or `InvalidParameterError`. Parameters that are not the
    protocol's, such as a token, are left to whom they concern.
    """
    arguments = {name: given[-1] for name, given in values.items()}
    pipeline_id = arguments.get("pipeline_id")
    if not pipeline_id or pipeline_id not in pipelines:
        raise InvalidPipelineError(pipeline_id, pipelines.ids())
    backpressure = tuned(settings.backpressure, arguments)
    policy = _policy(arguments.get("policy", backpressure.policy))
    detail = declared(SessionQuery)["detail"]
    return SessionQuery(
        pipeline_id,
        replace(backpressure, policy=policy),
        _parsed(detail, arguments),
        filtered(pipelines[pipeline_id], ALL_DETECTIONS, _filter_settings(values)),
    )


def filtered(plan: Plan, current: DetectionFilter, given: Mapping[str, Any]) -> DetectionFilter:
    """Return the filter with `min_score` and `labels` where given; see `changed_filter`.

    Raises `InvalidParameterError`. Other arguments are left alone.
    """
    try:
        return changed_filter(plan, current, given)
    except OptionError as error:
        raise InvalidParameterError(error.name, str(error.value), error.allowed) from None


def _filter_settings(values: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Read the filter's settings as a URL has them.

    Labels are separated by commas; each is a value of its own where the parameter is repeated, as
    a name may have a comma in it.
    """
    given: dict[str, Any] = {}
    if scores := values.get("min_score"):
        try:
            given["min_score"] = float(scores[-1])
        except ValueError:
            given["min_score"] = scores[-1]
    if labels := values.get("labels"):
        split = [label.strip() for label in labels[0].split(",")]
        given["labels"] = split if len(labels) == 1 else list(labels)
    return given


def tuned(settings: BackpressureSettings, arguments: Mapping[str, str]) -> BackpressureSettings:
    """Return the settings with those of `TUNABLE` that are given; raises `InvalidParameterError`.

    Other arguments are left alone.
    """
    given = {name: _parsed(each, arguments) for name, each in TUNABLE.items() if name in arguments}
    changed = replace(settings, **given)
    if changed.slowdown_threshold < changed.drop_threshold:
        which = "slowdown_threshold" if "slowdown_threshold" in arguments else "drop_threshold"
        raise InvalidParameterError(
            which,
            arguments.get(which, ""),
            f"{ORDER_ALLOWED} (drop_threshold={changed.drop_threshold:g}, "
            f"slowdown_threshold={changed.slowdown_threshold:g})",
        )
    return changed


def _policy(name: str) -> str:
    try:
        check_policy(name)
    except OptionError as error:
        raise InvalidParameterError(error.name, name, error.allowed) from None
    return name


def _parsed(setting: Setting, arguments: Mapping[str, str]) -> Any:
    """Return the value of a setting, its default where it is not given."""
    if setting.name not in arguments:
        return setting.default
    text = arguments[setting.name]
    try:
        return setting.parse(text)
    except ValueError as error:
        raise InvalidParameterError(setting.name, text, str(error)) from None
