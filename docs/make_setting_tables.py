"""Writes the tables of settings into the pages: `python docs/make_setting_tables.py`.

What stands there comes from the settings' declarations. A table is found by its header.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from streamlab_jupyter.traits import StreamTraits

from streamlab.backpressure.settings import SESSION_SETTINGS, TUNABLE
from streamlab.client.options import VIDEO_OPTIONS
from streamlab.declaration import Setting
from streamlab.pipelines.detection_filter import FILTER_SETTINGS
from streamlab.replay.plan import PLAN_SETTINGS
from streamlab.settings import SETTINGS

DOCS = Path(__file__).parent
OWN_TRAITS = ("workers", "worker_kind", "preload", "log_json")


def default_of(setting: Setting) -> str:
    """Return what a setting is unless it is given, as a table has it."""
    return setting.unset if setting.default is None else f"`{setting.default}`"


def variables() -> Iterable[str]:
    """Return a row for each environment variable."""
    for each in SETTINGS.values():
        yield f"| `{each.variable}` | {default_of(each)} | {each.explained} |"


def traits() -> Iterable[str]:
    """Return a row for each trait of the Jupyter extension."""
    for each in SETTINGS.values():
        unset = each.default is None
        default = f"unset: {each.unset}" if unset else default_of(each)
        yield f"| `{each.name}` | `{each.variable}` | {default} | {each.explained} |"
    known = StreamTraits.class_traits(config=True)
    for name in OWN_TRAITS:
        default = known[name].default_value
        shown = "unset" if default is None else f"`{default}`"
        yield f"| `{name}` | | {shown} | {' '.join(known[name].help.split())} |"


def parameters() -> Iterable[str]:
    """Return a row for each query parameter of a session."""
    yield "| `pipeline_id` | required | one of `GET /streamlab/pipelines` |"
    for each in (*TUNABLE.values(), *FILTER_SETTINGS.values()):
        default = f"`{each.variable}`" if each.variable else default_of(each)
        commas = ", separated by commas" if each.name == "labels" else ""
        yield f"| `{each.name}` | {default} | of this session alone; {each.explained}{commas} |"
    policy = SESSION_SETTINGS["policy"]
    meaning = policy.meaning.replace("admission policy", "[admission policy](policies.md)")
    yield f"| `policy` | {default_of(policy)} | {meaning} |"
    yield "| `detail` | `plain` | `full` adds a `server` object to each answer |"


def options() -> Iterable[str]:
    """Return a row for each option of `lab.stream`."""
    for each in VIDEO_OPTIONS.values():
        yield f"| `{each.name}` | `{each.flags[0]}` | {default_of(each)} | {each.explained} |"
    yield "| `progress` | | `True` | a progress bar |"


def replays() -> Iterable[str]:
    """Return a row for each argument of a replay."""
    for each in (*PLAN_SETTINGS.values(), *TUNABLE.values()):
        more = " beyond those of the recorded server come in machines like it"
        yield f"| `{each.name}` | {each.explained}{';' + more if each.name == 'workers' else ''} |"
    yield "| `policy` | one of these: |"


TABLES = {
    "serving.md": {"| variable | default | meaning |": variables},
    "jupyter.md": {"| trait | variable | default | meaning |": traits},
    "protocol.md": {"| query parameter | default | meaning |": parameters},
    "lab.md": {
        "| option | flag of `streamlab stream` | default | meaning |": options,
        "| argument | meaning |": replays,
    },
}
"""The tables of each page, by their headers."""
VIEW_PAGE, VIEW_ROW = "live_view.md", "| `drop_threshold`"
"""A page with one row for all settings of a session, and how that begins."""


def view_row() -> str:
    """Return the row of a live view's sliders."""
    names = ", ".join(f"`{name}`" for name in TUNABLE)
    changed = "changed while it runs, and shown as they are where somebody else changes them"
    return (
        f"| {names} | the server's | what the session decides by; {changed}, such as `lab.apply` |"
    )


def page(name: str) -> str:
    """Return a page as it should be."""
    text = (DOCS / name).read_text(encoding="utf-8")
    if name == VIEW_PAGE:
        lines = [view_row() if line.startswith(VIEW_ROW) else line for line in text.split("\n")]
        return "\n".join(lines)
    for header, rows in TABLES[name].items():
        before, after = text.split(f"{header}\n", 1)
        ruler, _, rest = after.partition("\n")
        _, _, behind = rest.partition("\n\n")
        text = "\n".join((f"{before}{header}", ruler, *rows(), "", behind))
    return text


def pages() -> Mapping[str, str]:
    """Return all pages with tables of settings, as they should be."""
    return {name: page(name) for name in (*TABLES, VIEW_PAGE)}


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
