"""What a client asks for in the URL of its session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from streamlab.backpressure.realtime import POLICIES, BackpressureSettings
from streamlab.errors import InvalidParameterError, InvalidPipelineError, OptionError
from streamlab.pipelines.detection_filter import ALL_DETECTIONS, DetectionFilter
from streamlab.pipelines.graph import Plan, changed_filter
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.sessions.messages import DETAILS, Detail
from streamlab.settings import (
    ORDER_ALLOWED,
    Settings,
    parse_threshold,
    parse_waiting_frames,
    parse_window_s,
)

T = TypeVar("T")

TUNABLE = {
    "drop_threshold": parse_threshold,
    "slowdown_threshold": parse_threshold,
    "waiting_frames": parse_waiting_frames,
    "window_s": parse_window_s,
}
"""What a session decides by and may be given in its URL, or while it runs."""


@dataclass(frozen=True)
class SessionQuery:
    """A session's pipeline and what it decides by."""

    pipeline_id: str
    backpressure: BackpressureSettings
    detail: Detail = "plain"
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
    policy = _one_of(arguments, "policy", POLICIES)
    return SessionQuery(
        pipeline_id,
        replace(backpressure, policy=policy),
        _one_of(arguments, "detail", DETAILS),
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
    given: dict[str, Any] = {}
    for name, parse in TUNABLE.items():
        if name in arguments:
            try:
                given[name] = parse(arguments[name])
            except ValueError as error:
                raise InvalidParameterError(name, arguments[name], str(error)) from None
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


def _one_of(arguments: Mapping[str, str], name: str, allowed: Sequence[T]) -> T:
    """Return the allowed value that was given; the first one is the default."""
    given = arguments.get(name, allowed[0])
    for value in allowed:
        if value == given:
            return value
    raise InvalidParameterError(name, str(given), f"{' or '.join(map(str, allowed))} is allowed")
