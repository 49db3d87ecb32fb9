"""A setting that is declared once has a slider on the page, which its session follows."""

import json
import re
import signal
import subprocess
import sys
import urllib.request

import pytest

playwright = pytest.importorskip("playwright", reason="needs playwright: pip install playwright")

from lab_page import chromium  # noqa: E402

if chromium() is None:
    pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM", allow_module_level=True)

from live_page import LiveOnPage  # noqa: E402
from playwright.sync_api import expect  # noqa: E402
from throwaway import NAME, copy_with_setting  # noqa: E402


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a server that has one more setting."""
    folder = tmp_path_factory.mktemp("copy")
    serve = [sys.executable, "-m", "streamlab.cli", "serve", "--port", "0", "--workers", "1"]
    environment = {**copy_with_setting(folder), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        serve, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        found = re.search(r"serves at (\S+)", process.stdout.readline())
        yield found[1]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def test_a_new_setting_has_a_slider_that_the_session_follows(tab, address):
    tab.goto(address)
    live = LiveOnPage(tab)
    slider = live.setting(NAME)
    expect(slider).to_have_value("0.5")
    limits = {name: slider.get_attribute(name) for name in ("min", "max", "step")}
    assert limits == {"min": "0", "max": "9", "step": "0.5"}
    expect(live.root.get_by_label(NAME.capitalize())).to_be_visible()
    live.choose("Source", "gate_easy")
    live.choose("Pipeline", "noop")
    live.start()
    with tab.expect_response(lambda answer: answer.request.method == "PATCH") as patched:
        slider.fill("4")
    assert patched.value.json()[NAME] == 4.0
    with urllib.request.urlopen(f"{address}/streamlab/sessions") as answer:
        assert json.load(answer)["sessions"][0][NAME] == 4.0
    live.stop()
