"""The page of the live view, but for authentication, which is its host's."""

from collections.abc import Awaitable

from streamlab.server.csp import page_policy
from streamlab.server.files import WEB_FOLDER
from streamlab.server.handler import Handler
from streamlab.server.service import StreamService

WEB_PLACEHOLDER = "{{web}}"
"""What `page.html` has in front of the name of each file of the live view."""
ACCESS_PLACEHOLDER = "{{access}}"


class LivePage(Handler):
    """The live view: a page without secrets, which asks for what the server requires."""

    web = "web/"
    """From the page's own path to the folder of its files; no `base_url` or proxy changes that."""
    frame_ancestors = "'none'"
    access = "token"
    """How users are authenticated: by a "token" that the page asks for, or a "login" before."""

    def initialize(self, service: StreamService) -> None:
        """Take what every handler is given."""

    def get(self, *path: str) -> Awaitable[None] | None:
        """Answer with the page."""
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": page_policy(self.request.host, self.frame_ancestors),
            "Referrer-Policy": "no-referrer",
            "Permissions-Policy": "camera=(self), microphone=()",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-cache",
        }
        for name, value in headers.items():
            self.set_header(name, value)
        page = (WEB_FOLDER / "page.html").read_text(encoding="utf-8")
        page = page.replace(WEB_PLACEHOLDER, self.web).replace(ACCESS_PLACEHOLDER, self.access)
        return self.finish(page)

    def head(self, *path: str) -> Awaitable[None] | None:
        """Answer as to a GET; Tornado leaves the page out."""
        return self.get(*path)


class RootPage(LivePage):
    """The same page where a server has nothing else at its root."""

    web = "streamlab/web/"
