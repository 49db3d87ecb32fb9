"""The code blocks of the documentation, as a reader meets them: by page, from the top."""

import doctest
import pkgutil
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import av

from streamlab.media.samples import sample_path

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "data" / "sample_videos" / "README.md",
    ROOT / "streamlab" / "weights" / "README.md",
    ROOT / "training" / "README.md",
]
KINDS = ("python", "sh", "json", "http", "js")
"""The languages of blocks that are run or checked; any other needs a reason."""
IN_BROWSER = ("docs/live_view.md",)
"""Pages whose Python needs a view on show: `tests/browser/test_docs_on_page.py` runs them."""
EXAMPLES_IN_BROWSER = (
    "streamlab.lab.live.view.LiveView",
    "streamlab.lab.live.snapshot.Snapshot",
)
"""Classes whose examples need it too."""
NEEDS_JUPYTERLAB = "jupyter lab"
"""Commands that begin so are run there too."""
CLIP = "gate_easy"
CLIP_FRAMES = 60

FENCE = re.compile(r"^ *(`{3,}|~{3,})(.*)$")
MARK = re.compile(r"^<!-- not run:(.*?)-->$")


@dataclass(frozen=True)
class Block:
    """A code block; `reason` says why it is not run, None where it is."""

    page: str
    line: int
    language: str
    code: str
    reason: str | None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(text, page="page.md"):
    """Return the code blocks of a page: fenced ones, and indented ones, which have no language."""
    blocks = []
    lines = text.splitlines()
    reason, before, number = None, "", 0
    while number < len(lines):
        line = lines[number]
        opened, indented = FENCE.match(line), line.startswith("    ") and not before
        if opened or indented:
            begin = number + 1
            if opened:
                end = next(n for n in range(begin, len(lines)) if lines[n].strip() == opened[1])
                code, number = lines[begin:end], end
            else:
                while number < len(lines) and (lines[number].startswith("    ")):
                    number += 1
                code = lines[begin - 1 : number]
                number -= 1
            language = opened[2].strip() if opened else ""
            code = textwrap.dedent("\n".join(code)) + "\n"
            blocks.append(Block(page, begin, language, code, reason))
        if marked := MARK.match(line):
            reason = marked[1].strip()
        elif line.strip():
            reason = None
        before = lines[number].strip()
        number += 1
    return blocks


def all_blocks():
    """Return every block of every page."""
    return [
        block
        for path in PAGES
        for block in blocks_of(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    ]


def blocks_to_run(language):
    """Return the blocks of a language that are run."""
    return [each for each in all_blocks() if each.language == language and each.reason is None]


def pages_to_run(language):
    """Return the blocks of a language that are run, by page."""
    pages = {}
    for block in blocks_to_run(language):
        pages.setdefault(block.page, []).append(block)
    return pages


def commands_of(block):
    """Return the commands of a shell block, without comments."""
    lines = [line.split("  #")[0].strip() for line in block.code.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def write_short_clip(folder):
    """Put the first seconds of the sample, and their truth, in a folder, under the sample's name.

    A file comes before a sample of its name, so that what streams `gate_easy` there is done sooner.
    """
    source, clip = sample_path(CLIP), Path(folder, CLIP)
    with av.open(source) as read, av.open(str(clip), "w", format="mp4") as written:
        stream = written.add_stream_from_template(read.streams.video[0])
        packets = [packet for packet in read.demux(video=0) if packet.dts is not None]
        # in decoding order, so that what a kept frame refers to is kept too
        for packet in packets[:CLIP_FRAMES]:
            packet.stream = stream
            written.mux(packet)
    truth = source.with_name(f"{CLIP}.truth.jsonl").read_text(encoding="utf-8").splitlines(True)
    Path(folder, f"{CLIP}.truth.jsonl").write_text("".join(truth[: CLIP_FRAMES + 1]))
    return clip


def examples_in_browser():
    """Return the examples of docstrings that need a view on show, as cells."""
    classes = [pkgutil.resolve_name(name) for name in EXAMPLES_IN_BROWSER]
    read = doctest.DocTestParser().get_examples
    make, show, *then = [example.source for each in classes for example in read(each.__doc__)]
    return [f"from streamlab import LiveView\n\n{make}{show}", *then]
