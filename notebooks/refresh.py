"""Run the notebooks anew, in place, and keep their pictures small.

python notebooks/refresh.py                     # all of them
python notebooks/refresh.py 02_backpressure     # by name
"""

import argparse
import base64
import io
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image
from tqdm.auto import tqdm

FOLDER = Path(__file__).parent
TIMEOUT_S = 600
COLOURS = 160
"""Colours of a stored picture: enough for charts and stills, at a third of the size."""


def refresh(path: Path) -> None:
    """Execute every cell of a notebook in a new kernel, and write it back with small pictures."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook, timeout=TIMEOUT_S, resources={"metadata": {"path": str(FOLDER)}}
    )
    client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            _shrink(output.get("data", {}))
    notebook.metadata.pop("widgets", None)
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


def _shrink(data: dict[str, Any]) -> None:
    """Reduce a PNG to a palette, transparency included, where that makes it smaller."""
    encoded = data.get("image/png")
    if encoded is None:
        return
    raw = base64.b64decode(encoded)
    picture = Image.open(io.BytesIO(raw)).convert("RGBA")
    buffer = io.BytesIO()
    picture.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(buffer, "PNG", optimize=True)
    if buffer.tell() < len(raw):
        data["image/png"] = base64.b64encode(buffer.getvalue()).decode()


def main() -> None:
    """Refresh the notebooks named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="notebooks by the beginning of their name")
    names = parser.parse_args().names or [""]
    paths = sorted(p for p in FOLDER.glob("*.ipynb") if any(p.name.startswith(n) for n in names))
    for path in (bar := tqdm(paths)):
        bar.set_description(path.stem)
        refresh(path)


if __name__ == "__main__":
    main()
