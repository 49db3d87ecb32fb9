"""Validation of a live view's settings."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from streamlab.client.options import check_backpressure, check_option
from streamlab.errors import OptionError, VideoError
from streamlab.media.samples import check_sample
from streamlab.pipelines.detection_filter import FILTER_SETTINGS
from streamlab.server.view_settings import PICTURE, SESSION, VIEW_SETTINGS

NAMES = ("source", "pipeline_id", "adaptive", "running", *VIEW_SETTINGS)
SOURCES = ("camera", "file")
"""Sources besides the samples."""


def check(given: Mapping[str, Any]) -> None:
    """Raise `OptionError` for unknown settings and values that are not allowed."""
    for name, value in given.items():
        if name not in NAMES:
            raise OptionError(name, value, f"no such setting; there are: {', '.join(NAMES)}")
        if name in PICTURE and value is None:
            raise OptionError(name, value, "a number is allowed")
    if isinstance(source := given.get("source"), str):
        try:
            check_sample(source, SOURCES)
        except VideoError as error:
            raise OptionError("source", source, error.problem) from None
    for name, setting in PICTURE.items():
        check_option(setting, given.get(name))
    try:
        FILTER_SETTINGS["min_score"].check(given.get("min_score", 0))
    except ValueError as error:
        raise OptionError("min_score", given["min_score"], str(error)) from None
    _check_labels(given.get("labels"))
    check_backpressure(SimpleNamespace(**{name: given.get(name) for name in SESSION}))


def _check_labels(value: Any) -> None:
    if value is None or isinstance(value, str):  # the trait makes a list of one of it
        return
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise OptionError("labels", value, "a list of names is allowed, or None for all of them")
