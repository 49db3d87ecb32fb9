"""The version of the installed package; "0" in a checkout that is not installed."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("jupyter-streamlab")
except PackageNotFoundError:
    __version__ = "0"
