from typing import Any

import pytest

from streamlab.backpressure.settings import BackpressureSettings
from streamlab.errors import SettingError
from streamlab.replay.policies import ReplaySettings
from streamlab.settings import Settings


def test_unset_and_empty_variables_mean_the_defaults():
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"STREAM_DROP_THRESHOLD": "", "STREAM_MAX_SESSIONS": " "}) == (
        Settings()
    )
    defaults = Settings()
    assert defaults.drop_threshold == 0.10
    assert defaults.slowdown_threshold == 0.30
    assert defaults.max_frame_bytes == 5 * 1024 * 1024
    assert defaults.max_sessions is None


def test_given_values_are_taken(tmp_path):
    settings = Settings.from_environment(
        {
            "STREAM_DROP_THRESHOLD": "0.2",
            "STREAM_SLOWDOWN_THRESHOLD": "0.5",
            "STREAM_MAX_FRAME_SIZE_MB": "0.5",
            "STREAM_MAX_SESSIONS": "3",
            "STREAM_PIPELINES_DIR": str(tmp_path),
        }
    )
    assert (settings.drop_threshold, settings.slowdown_threshold) == (0.2, 0.5)
    assert settings.max_frame_bytes == 512 * 1024
    assert settings.max_sessions == 3
    assert settings.pipelines_dir == tmp_path


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("STREAM_DROP_THRESHOLD", "lots", "from 0 to 1"),
        ("STREAM_DROP_THRESHOLD", "-0.1", "from 0 to 1"),
        ("STREAM_DROP_THRESHOLD", "nan", "from 0 to 1"),
        ("STREAM_DROP_THRESHOLD", "0.4", "may not be under the drop threshold"),
        ("STREAM_SLOWDOWN_THRESHOLD", "1.1", "from 0 to 1"),
        ("STREAM_SLOWDOWN_THRESHOLD", "0.05", "may not be under the drop threshold"),
        ("STREAM_MAX_FRAME_SIZE_MB", "0", "above 0"),
        ("STREAM_MAX_FRAME_SIZE_MB", "inf", "above 0"),
        ("STREAM_MAX_FRAME_SIZE_MB", "5MB", "above 0"),
        ("STREAM_MAX_SESSIONS", "0", "from 1 up"),
        ("STREAM_MAX_SESSIONS", "2.5", "from 1 up"),
        ("STREAM_MAX_FRAME_SIZE_MB", "1e-9", "above 0"),
        ("STREAM_PIPELINES_DIR", "/no/such/folder", "existing folder"),
        ("STREAM_PIPELINES_DIR", "~nobody-of-this-name/x", "existing folder"),
        ("STREAM_PIPELINES_DIR", "a" * 5000, "existing folder"),
    ],
)
def test_what_is_not_allowed_is_told_in_one_line(variable, value, allowed):
    with pytest.raises(SettingError) as caught:
        Settings.from_environment({variable: value})
    line = str(caught.value)
    assert allowed in line
    assert "\n" not in line
    assert variable in line
    assert value in line


def test_settings_that_are_given_by_position_keep_their_places():
    given = BackpressureSettings(0.2, 0.4, "lossless", 3, 1.5)
    named: dict[str, Any] = {"drop_threshold": 0.2, "slowdown_threshold": 0.4}
    named |= {"waiting_frames": 3, "window_s": 1.5}
    assert given == BackpressureSettings(**named, policy="lossless")
    assert ReplaySettings(0.2, 0.4, "fifo", 3, 1.5) == ReplaySettings(**named, policy="fifo")
    assert Settings(0.2, 0.4, 3, 1.5, 4.0) == Settings(**named, max_frame_size_mb=4.0)
