"""What a client asks for in the URL of its session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..errors import InvalidParameterError, InvalidPipelineError
from ..pipelines.registry import PipelineRegistry
from ..sessions.backpressure import POLICIES, BackpressureSettings
from ..sessions.messages import DETAILS, Detail
from ..settings import ORDER_ALLOWED, Settings, parse_threshold

T = TypeVar("T")


@dataclass(frozen=True)
class SessionQuery:
    """A session's pipeline and what it decides by."""

    pipeline_id: str
    backpressure: BackpressureSettings
    detail: Detail = "plain"


def parse_query(
    arguments: Mapping[str, str], pipelines: PipelineRegistry, settings: Settings
) -> SessionQuery:
    """Check the query parameters of a session.

    Raises `InvalidPipelineError` or `InvalidParameterError`. Parameters that are not the
    protocol's, such as a token, are left to whom they concern.
    """
    pipeline_id = arguments.get("pipeline_id")
    if not pipeline_id or pipeline_id not in pipelines:
        raise InvalidPipelineError(pipeline_id, pipelines.ids())
    drop = _threshold(arguments, "drop_threshold", settings.drop_threshold)
    slowdown = _threshold(arguments, "slowdown_threshold", settings.slowdown_threshold)
    if slowdown < drop:
        which = "slowdown_threshold" if "slowdown_threshold" in arguments else "drop_threshold"
        raise InvalidParameterError(
            which,
            arguments[which],
            f"{ORDER_ALLOWED} (drop_threshold={drop:g}, slowdown_threshold={slowdown:g})",
        )
    policy = _one_of(arguments, "policy", POLICIES)
    return SessionQuery(
        pipeline_id,
        BackpressureSettings(drop_threshold=drop, slowdown_threshold=slowdown, policy=policy),
        _one_of(arguments, "detail", DETAILS),
    )


def _one_of(arguments: Mapping[str, str], name: str, allowed: Sequence[T]) -> T:
    """Return the allowed value that was given; the first one is the default."""
    given = arguments.get(name, allowed[0])
    for value in allowed:
        if value == given:
            return value
    raise InvalidParameterError(name, str(given), f"{' or '.join(map(str, allowed))} is allowed")


def _threshold(arguments: Mapping[str, str], name: str, default: float) -> float:
    if name not in arguments:
        return default
    try:
        return parse_threshold(arguments[name])
    except ValueError as error:
        raise InvalidParameterError(name, arguments[name], str(error)) from None
