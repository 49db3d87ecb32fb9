"""The files that a browser gets, but for authentication, which is its host's."""

import hashlib
import re
from pathlib import Path

from tornado.web import HTTPError, StaticFileHandler

from streamlab.media.samples import sample_names, sample_path
from streamlab.server.csp import INERT, script_policy
from streamlab.server.handler import Handler
from streamlab.server.service import StreamService
from streamlab.sessions.messages import to_json

WEB_FOLDER = Path(__file__).resolve().parents[1] / "web"

WEB_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
"""What is served of the folder, and as what; this machine's own table may say otherwise."""

_PART = r"[A-Za-z0-9_-][A-Za-z0-9_.-]*"
_WEB_FILE = re.compile(rf"({_PART}/)*{_PART}({'|'.join(map(re.escape, WEB_TYPES))})")

SAMPLE_ENDING = ".mp4"


class ServedFile(Handler, StaticFileHandler):
    """A file that a browser revalidates each time, and takes from its cache while unchanged."""

    def set_extra_headers(self, path: str) -> None:
        """Have the browser ask."""
        self.set_header("Cache-Control", "no-cache")


class WebFile(ServedFile):
    """A module, style sheet or picture of the live view."""

    def initialize(self, service: StreamService) -> None:  # type: ignore[override]
        """Serve the package's folder of them."""
        super().initialize(str(WEB_FOLDER))

    async def get(self, path: str, include_body: bool = True) -> None:
        """Answer; 404 for a name that is none of a file of the live view."""
        if not _WEB_FILE.fullmatch(path):
            raise HTTPError(404)
        await super().get(path, include_body)

    def get_content_type(self) -> str:
        """Return the type for the file's ending."""
        return WEB_TYPES[self._ending]

    def compute_etag(self) -> str | None:
        """Return a hash of what the file holds now: Tornado's is of when it was first read."""
        assert self.absolute_path is not None
        return f'"{hashlib.sha256(Path(self.absolute_path).read_bytes()).hexdigest()}"'

    def set_extra_headers(self, path: str) -> None:
        """Add the policy that a worker is bound by, and that keeps the rest from running."""
        super().set_extra_headers(path)
        policy = script_policy(self.request.host) if self._ending == ".js" else INERT
        self.set_header("Content-Security-Policy", policy)

    @property
    def _ending(self) -> str:
        assert self.absolute_path is not None
        return Path(self.absolute_path).suffix


class SampleFile(ServedFile):
    """A sample video, `NAME.mp4`, whole or in ranges."""

    def initialize(self, service: StreamService) -> None:  # type: ignore[override]
        """Serve no folder: `get` finds the one of the sample."""
        super().initialize("")

    async def get(self, path: str, include_body: bool = True) -> None:
        """Answer; 404 names the samples that there are."""
        there_are = [f"{name}{SAMPLE_ENDING}" for name in sample_names()]
        if path not in there_are:
            self._refuse(f"no sample {path[:100]!r}; there are: {', '.join(there_are)}")
            return
        video = sample_path(path.removesuffix(SAMPLE_ENDING))
        self.root = str(video.parent)
        await super().get(video.name, include_body)

    def get_content_type(self) -> str:
        """Return the one type there is."""
        return "video/mp4"

    def set_extra_headers(self, path: str) -> None:
        """Add the policy of what runs nothing."""
        super().set_extra_headers(path)
        self.set_header("Content-Security-Policy", "default-src 'none'; media-src 'self'; sandbox")

    def _refuse(self, detail: str) -> None:
        self.set_status(404)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(to_json({"error": "unknown_sample", "detail": detail}))
