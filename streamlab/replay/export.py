"""Export of settings for a server: `STREAM_*` lines, JSON, Jupyter's configuration."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from streamlab.settings import Settings, variable_of

SERVER_SETTINGS = tuple(field.name for field in fields(Settings))


def environment_lines(settings: Mapping[str, Any]) -> str:
    """Return a `STREAM_*` line for each setting of a server; a client's settings are comments.

    >>> print(environment_lines({"drop_threshold": 0.2, "fps": 20}), end="")
    # client: fps=20
    STREAM_DROP_THRESHOLD=0.2
    """
    lines = _comments(settings)
    if settings.get("workers") is not None:
        lines.append(f"# server: --workers {settings['workers']}")
    lines += [f"{variable_of(name)}={_shown(value)}" for name, value in _servers(settings).items()]
    return "\n".join(lines) + "\n"


def jupyter_config(settings: Mapping[str, Any]) -> str:
    """Return lines for `jupyter_server_config.py`.

    >>> print(jupyter_config({"waiting_frames": 3}), end="")
    c.StreamlabApp.waiting_frames = 3
    """
    lines = _comments(settings)
    if settings.get("workers") is not None:
        lines.append(f"c.StreamlabApp.workers = {settings['workers']}")
    lines += [f"c.StreamlabApp.{name} = {value!r}" for name, value in _servers(settings).items()]
    return "\n".join(lines) + "\n"


def settings_json(
    settings: Mapping[str, Any], expected: Mapping[str, Any] | None = None, reason: str = ""
) -> str:
    """Return the settings as JSON, with the expected figures and the reason."""
    made: dict[str, Any] = {"settings": dict(settings)}
    if reason:
        made["reason"] = reason
    if expected:
        # NaN has no JSON form
        made["expected"] = {n: None if v != v else v for n, v in expected.items()}
    return json.dumps(made, indent=2) + "\n"


def _servers(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: settings[name] for name in SERVER_SETTINGS if settings.get(name) is not None}


def _comments(settings: Mapping[str, Any]) -> list[str]:
    """Return a comment for each setting of a client or a replay."""
    servers = (*SERVER_SETTINGS, "workers")
    others = {n: v for n, v in settings.items() if n not in servers and v is not None}
    return [f"# client: {name}={_shown(value)}" for name, value in others.items()]


def _shown(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)
