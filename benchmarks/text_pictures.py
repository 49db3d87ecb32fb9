"""Photographs with text on them, what stands there, and where they are fetched from.

Transcriptions and boxes were made by eye. No picture is part of the repository: each is taken out
of a package, whose version and whose file's SHA-256 are fixed here, and kept in the user's cache.
"""

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np


@dataclass(frozen=True)
class Line:
    """A line of text and its upright box in pixels: left, top, right, bottom."""

    text: str
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Source:
    """A package that has pictures; `archive` is the ending of the file of a Debian source."""

    package: str
    version: str
    licence: str
    kind: str
    """`sdist` or `wheel`, for pip; `debian`, for the source of a Debian package."""
    archive: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture of a package and the lines on it."""

    source: Source
    member: str
    """Its path in the archive, without the archive's own folder."""
    sha256: str
    lines: tuple[Line, ...]
    others: str = ""
    """Other text on it, too small or too much hidden to be asked for."""

    @property
    def name(self) -> str:
        """The name of the file."""
        return PurePosixPath(self.member).name


class PicturesError(RuntimeError):
    """A package cannot be fetched, or does not have the picture that is expected."""


OPENCV_TEXT = Source("opencv", "4.6.0+dfsg-12", "Apache-2.0", "debian", ".orig-contrib.tar.xz")
FAST_ALPR = Source("fast-alpr", "0.4.0", "MIT", "sdist")
FAST_PLATE_OCR = Source("fast-plate-ocr", "1.1.0", "MIT", "sdist")
SCIKIT_IMAGE = Source("scikit-image", "0.26.0", "BSD-3-Clause", "wheel")

_SAMPLES = "modules/text/samples"
SIGNS = (
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext01.jpg",
        "7f3041a7019ab4d33d2452bc757d8c4f38616bfde71431e12f7ec370d7b2018e",
        (
            Line("NOTICE", (274, 34, 431, 76)),
            Line("DOUBLE", (276, 84, 426, 122)),
            Line("PARKING", (275, 128, 425, 164)),
            Line("PROHIBITED", (273, 171, 424, 206)),
            Line("AT ALL TIMES", (282, 214, 407, 250)),
        ),
        others="The Washington Post",
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext02.jpg",
        "d4295bff9f348012f91a2cf745753124f85041fe3c3717146c6759c4cd977211",
        (
            Line("Sports Centre", (424, 608, 782, 704)),
            Line("Wivenhoe Park", (420, 682, 800, 770)),
            Line("Conference Centre", (422, 750, 900, 848)),
            Line("Car Parks", (424, 826, 688, 904)),
        ),
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext03.jpg",
        "cadf4a3d29a7ba6fe976b53fa65f490cc2868375e8feb3d93f26029f05c662ca",
        (Line("copy centre", (204, 544, 618, 628)), Line("the", (130, 574, 194, 612))),
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext04.jpg",
        "28e08d142a04f92f96d01ff2674f7804321841cba95bd968980cdc85ef0af6df",
        (Line("GM 125", (421, 414, 554, 460)),),
        others="Gmmco",
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext05.jpg",
        "63985ac1a9989a8320605d5be0ec285af0c6304a78cc9cc5de6c2c7c435f7c0b",
        (
            Line("NO PARKING", (88, 172, 224, 217)),
            Line("NO PARKING", (468, 313, 694, 390)),
        ),
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext06.jpg",
        "e4d64f10bbfb27b2c5980cb048fd0abe20dd74868ba5460298de473ced53b518",
        (
            Line("priory", (293, 157, 331, 176)),
            Line("galleries", (289, 175, 337, 194)),
            Line("the ship", (296, 201, 330, 213)),
            Line("priory galleries at the ship", (238, 280, 590, 328)),
        ),
        others="at",
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext_segmented_word01.jpg",
        "b1524d1ae02ba1ee07bc32285df1083cceca851a28a2f34db63f7cf1169893b2",
        (Line("HOTEL", (121, 218, 524, 297)),),
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext_segmented_word02.jpg",
        "1c648c38ebf826968e5daacde0b6845ecfd824420de17a3132096056aa12a6c2",
        (Line("Stationery Box", (46, 218, 592, 302)),),
        others="COMPUTER 100 COMPUTER 79p 99 stamps",
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext_segmented_word03.jpg",
        "6f60d1b006b81d95dcbae0723c4135dfcfe37b87b472faf056c8a35d910a2a7c",
        (
            Line("Customer", (138, 67, 490, 136)),
            Line("Freephone", (118, 149, 508, 231)),
            Line("Private Hire", (103, 237, 522, 313)),
            Line("Service", (169, 326, 447, 403)),
        ),
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext_segmented_word04.jpg",
        "43524ab83453638e1f4e1aae64c50ecee898cf687612ffec6937ff7e6fd30a35",
        (Line("FOSTER'S", (78, 283, 568, 372)),),
        others="F OF FO ® FOSTER'S FOSTER'S FOSTER'S FOSTER'S FOSTER'S",
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext_segmented_word05.jpg",
        "3c805afc795596442fedaf3576b4c29d5fbad98e472cb6f30151ea62697115fa",
        (
            Line("SANYO", (173, 46, 496, 128)),
            Line("PRO xtraX", (179, 324, 479, 382)),
            Line("MULTIMEDIA PROJECTOR", (182, 385, 475, 405)),
        ),
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext_word01.jpg",
        "12106f10018a6c8e150c3159889808acc8801475ab8bb6f5ed4b207da9651f4e",
        (Line("CHINA", (4, 1, 107, 30)),),
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext_word02.jpg",
        "73dfd0410033b674f419db18d70701572f5fd6c0e05c9d060a2ab9f603f1f8f2",
        (Line("HERE", (26, 14, 218, 88)),),
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext_word03.jpg",
        "6fdcbf406cd0710bc0f9390e1cb11d9f955d512ce7db3a0a84c87af5a6e9a89e",
        (Line("riser", (20, 4, 212, 71)),),
    ),
    Picture(
        OPENCV_TEXT,
        f"{_SAMPLES}/scenetext_word04.jpg",
        "121c74707b905b98351f5b21c11195d062e1f9eca05732bd92707bbbb9966911",
        (Line("Produkt", (40, 4, 470, 112)),),
    ),
)
PLATES = (
    Picture(
        FAST_ALPR,
        "assets/test_image.png",
        "c154c3e0873fa35076ecf4f611d345c092450217fe75737b2a77183018218255",
        (Line("5AU 5341", (318, 190, 384, 208)),),
    ),
    Picture(
        FAST_PLATE_OCR,
        "test/assets/test_plate_1.png",
        "672948ed215afed96f244d170237008e44a9562ac9b1d90d095f5bf4bd44baf2",
        (Line("AD 799 KB", (4, 13, 140, 44)),),
        others="REPUBLICA ARGENTINA",
    ),
    Picture(
        FAST_PLATE_OCR,
        "test/assets/test_plate_2.png",
        "4fafff8be04b3b94d7a9a6ffa39c74a74fa9099ad8633f50db0886c9d4a18005",
        (Line("KRW 301", (16, 19, 144, 64)),),
    ),
)
PAGE = (
    Picture(
        SCIKIT_IMAGE,
        "skimage/data/page.png",
        "341a6f0a61557662b02734a9b6e56ec33a915b2c41886b97509dedf2a43b47a3",
        (
            Line("Region-based segmentation", (5, 12, 293, 34)),
            Line("Let us first determine markers of the coins and the", (3, 47, 378, 66)),
            Line("background. These markers are pixels that we can label", (3, 64, 379, 85)),
            Line("unambiguously as either object or background. Here,", (3, 81, 379, 103)),
            Line("the markers are found at the two extreme parts of the", (3, 97, 380, 122)),
            Line("histogram of grey values:", (4, 116, 171, 138)),
            Line(">>> markers = np.zeros_like(coins)", (12, 166, 242, 188)),
        ),
    ),
)
GROUPS = {"signs": SIGNS, "plates": PLATES, "page": PAGE}


def read(folder: Path, picture: Picture) -> np.ndarray[Any, Any]:
    """Return a picture's pixels, HxWx3 uint8, BGR."""
    image = cv2.imread(str(folder / picture.name), cv2.IMREAD_COLOR)
    if image is None:
        raise PicturesError(f"{folder / picture.name} is no picture")
    return image


def default_folder() -> Path:
    """Return where pictures are kept: a folder in the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "streamlab" / "text_pictures"


def fetch(pictures: Iterable[Picture], folder: Path) -> None:
    """Put those pictures into `folder` that are not there; raises `PicturesError`."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [p for p in pictures if not _is_there(folder / p.name, p.sha256)]
    for source in dict.fromkeys(picture.source for picture in missing):
        wanted = [picture for picture in missing if picture.source == source]
        with tempfile.TemporaryDirectory() as downloads:
            archive = _download(source, Path(downloads))
            contents = _members(archive, [picture.member for picture in wanted])
        for picture in wanted:
            content = contents.get(picture.member, b"")
            found = hashlib.sha256(content).hexdigest()
            if found != picture.sha256:
                raise PicturesError(f"{picture.member} of {archive.name} has the SHA-256 {found}")
            (folder / picture.name).write_bytes(content)


def _is_there(path: Path, sha256: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def _download(source: Source, folder: Path) -> Path:
    print(f"fetching {source.package} {source.version}", file=sys.stderr)
    if source.kind == "debian":
        return _debian_source(source, folder)
    form = "--no-binary" if source.kind == "sdist" else "--only-binary"
    name = f"{source.package}=={source.version}"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", form, source.package]
    _output([*pip, "--dest", str(folder), name], source)
    [archive] = folder.iterdir()
    return archive


def _debian_source(source: Source, folder: Path) -> Path:
    """Fetch one archive of a source package, from where this machine has its packages from."""
    lists, sources = folder / "lists", folder / "sources.list.d"
    (lists / "partial").mkdir(parents=True)
    sources.mkdir()
    apt = Path("/etc/apt")
    for path in [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*.*"))]:
        if path.suffix in {".list", ".sources"} and path.is_file():
            (sources / path.name).write_text(_of_sources(path.read_text()))
    options = {
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": sources,
        "Dir::State::lists": lists,
        "Dir::Cache::srcpkgcache": "",
        "Dir::Cache::pkgcache": "",
    }
    apt_get = ["apt-get", *(f"-o{name}={value}" for name, value in options.items())]
    _output([*apt_get, "--quiet", "update"], source)
    name = f"{source.package}={source.version}"
    listed = _output([*apt_get, "source", "--print-uris", name], source)
    match = re.search(rf"^'(\S+)' (\S+{re.escape(source.archive)}) \d+ (\S+)", listed, re.MULTILINE)
    if match is None:
        raise PicturesError(f"the source of {name} has no file that ends in {source.archive}")
    uri, file, checksum = match.groups()
    helper = ["/usr/lib/apt/apt-helper", "download-file", uri, str(folder / file), checksum]
    _output(helper, source)
    return folder / file


def _of_sources(text: str) -> str:
    """Make apt's list of where packages are to be had one of their sources."""
    text = re.sub(r"^Types:.*$", "Types: deb-src", text, flags=re.MULTILINE)
    return re.sub(r"^deb(-src)?(?=\s)", "deb-src", text, flags=re.MULTILINE)


def _output(command: Sequence[str], source: Source) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise PicturesError(
            f"{source.package} {source.version} is fetched with {command[0]}, which is not here"
        ) from error
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines()[-1:] or [f"it ended with {error.returncode}"]
        raise PicturesError(
            f"{source.package} {source.version} cannot be fetched: {reason[0]}"
        ) from error
    return done.stdout


def _members(archive: Path, names: Sequence[str]) -> dict[str, bytes]:
    """Return the contents of files in an archive by their names in it."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in names}
    contents = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            name = member.name.partition("/")[2]
            file = tar.extractfile(member) if name in names else None
            if file is not None:
                contents[name] = file.read()
    return contents
