"""Where weights are looked for: the current folder, the user's own, and Ultralytics'."""

import json
import os
import sys
from pathlib import Path

BUNDLED_FOLDER = Path(__file__).parent.parent / "weights"
"""What comes with this package."""


def data_folder() -> Path:
    """Return the folder that keeps what the user has fetched, where the platform has such files."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Application Support"
    else:
        base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(os.path.expanduser(base)) / "streamlab" / "weights"


def ultralytics_folder() -> Path | None:
    """Return the folder that Ultralytics keeps weights in, by its own settings; `None` without."""
    if sys.platform == "win32":
        base = "~/AppData/Roaming"
    elif sys.platform == "darwin":
        base = "~/Library/Application Support"
    else:
        base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    settings = Path(os.path.expanduser(os.environ.get("YOLO_CONFIG_DIR") or base)) / "Ultralytics"
    try:
        folder = json.loads((settings / "settings.json").read_text(encoding="utf-8"))["weights_dir"]
        return Path(folder).expanduser().absolute()
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None


def searched_folders() -> list[Path]:
    """Return where a name without a folder is looked for, in order."""
    theirs = ultralytics_folder()
    folders = [Path.cwd(), data_folder(), *([theirs] if theirs else [])]
    return list(dict.fromkeys(folders))
