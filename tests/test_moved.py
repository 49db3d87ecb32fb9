import importlib
import subprocess
import sys

import pytest

from streamlab.lab import ReplaySettings
from streamlab.moved import MOVED, new_address
from streamlab.pipelines.detection_filter import ALL_DETECTIONS
from streamlab.pipelines.video import VideoFilePipelineService


@pytest.mark.parametrize("old", MOVED)
def test_an_old_address_gives_the_same_module_with_a_warning(old):
    code = (
        "import warnings, importlib, sys\n"
        "warnings.simplefilter('error', DeprecationWarning)\n"
        f"new = importlib.import_module('streamlab.{MOVED[old]}')\n"
        "spec = new.__spec__\n"
        f"try: importlib.import_module('streamlab.{old}')\n"
        "except DeprecationWarning as warning: assert 'has moved' in str(warning)\n"
        "else: sys.exit('no warning')\n"
        "warnings.simplefilter('ignore')\n"
        f"assert importlib.import_module('streamlab.{old}') is new\n"
        "assert new.__spec__ is spec\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_is_in_a_package_that_has_moved_is_found_too():
    assert new_address("streamlab.lab.accuracy.boxes") == "streamlab.accuracy.boxes"
    with pytest.warns(DeprecationWarning, match=r"streamlab\.accuracy\.boxes"):
        old = importlib.import_module("streamlab.lab.accuracy.boxes")
    assert old is importlib.import_module("streamlab.accuracy.boxes")


@pytest.mark.parametrize("name", ["json", "streamlab", "streamlab.lab", "streamlab.server.app"])
def test_what_has_not_moved_is_left_alone(name):
    assert new_address(name) is None


@pytest.mark.parametrize("old", ["lab.charts", "lab.trace", "video"])
def test_an_old_address_can_be_reached_as_an_attribute(old):
    """As it could where the library had imported the module itself."""
    parent, _, name = f"streamlab.{old}".rpartition(".")
    code = (
        "import importlib, warnings\n"
        "warnings.simplefilter('ignore')\n"
        f"parent = importlib.import_module('{parent}')\n"
        f"assert parent.{name} is importlib.import_module('streamlab.{MOVED[old]}')\n"
        f"assert not hasattr(parent, 'no_such_module')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_old_names_of_methods_go_on_working(jpeg):
    service = VideoFilePipelineService()
    with pytest.warns(DeprecationWarning, match="run_on_frame"):
        done = service.run_frame("noop", jpeg, 0, ALL_DETECTIONS)
    assert done.result == {}
    with pytest.warns(DeprecationWarning, match="make_policy"):
        assert ReplaySettings(policy="fifo").make_line().waiting == 0
