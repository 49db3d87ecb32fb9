"""A copy of the package in which one more setting of a session is declared."""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = "patience"
FIELD = f"""
    {NAME}: float = setting(
        0.5,
        Number(0, 9),
        "a setting for a test",
        variable="STREAM_PATIENCE",
        slider=Slider(0.0, 9.0, 0.5),
    )
"""
BEHIND = '        flag="--window",\n    )\n'


def copy_with_setting(folder: Path) -> dict[str, str]:
    """Copy the package, its extension and its pages; return the environment that finds them."""
    for name in ("streamlab", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("pictures"))
    shutil.copytree(ROOT / "extension" / "streamlab_jupyter", folder / "streamlab_jupyter")
    (folder / "data").symlink_to(ROOT / "data")
    module = folder / "streamlab" / "backpressure" / "settings.py"
    text = module.read_text(encoding="utf-8")
    assert text.count(BEHIND) == 1
    module.write_text(text.replace(BEHIND, BEHIND + FIELD), encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(folder), "PATH": _path()}


def _path() -> str:
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
