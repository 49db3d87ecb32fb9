"""streamlab inside a Jupyter server: the same protocol, behind Jupyter's authentication."""

from typing import Any

from streamlab.version import __version__

__all__ = ["__version__"]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .app import StreamlabApp

    return [{"module": __name__, "app": StreamlabApp}]
