"""`StreamlabApp`: the extension's life inside a Jupyter server, or as `jupyter streamlab`."""

from typing import Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from traitlets import Bool, TraitError

from streamlab.errors import SettingError, ToolUnavailableError
from streamlab.models.devices import choose_device
from streamlab.models.weights import find_weights
from streamlab.server.log_lines import escaped
from streamlab.server.routes import PAGE_PATH, STREAM_PATH
from streamlab.server.service import StreamService
from streamlab.settings import Settings
from streamlab.version import __version__

from .handlers import make_handlers
from .logs import ServerLog
from .traits import StreamTraits


class StreamlabApp(StreamTraits, ExtensionApp):
    """Streams video through pipelines: a WebSocket for frames, figures of all live sessions."""

    name = "streamlab"
    version = __version__
    description = (
        "A Jupyter server with streamlab, a lab bench for live video analysis. It also starts with "
        "every other Jupyter server of this environment, such as `jupyter lab`."
    )
    examples = "jupyter streamlab --StreamlabApp.drop_threshold=0.2 --StreamlabApp.preload=True"
    extension_url = PAGE_PATH
    load_other_extensions = True
    open_browser = Bool(
        False, help="Whether to open the live view in a browser after starting."
    ).tag(config=True)

    stream_settings: Settings | None = None
    service: StreamService | None = None
    _server_log: ServerLog | None = None

    @classmethod
    def initialize_server(
        cls, argv: Any = None, load_other_extensions: bool = True, **kwargs: Any
    ) -> ServerApp:
        """Set up a server around the extension; without the extension it would be none."""
        serverapp: ServerApp = super().initialize_server(  # type: ignore[no-untyped-call]
            argv, load_other_extensions, **kwargs
        )
        if serverapp.extension_manager.extension_points[cls.name].app.service is None:
            serverapp.exit(1)
        return serverapp

    def _link_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        try:
            super()._link_jupyter_server_extension(serverapp)
            self.stream_settings = self.make_settings()
            choose_device(self.stream_settings.device)
            find_weights(self.stream_settings.yolo_weights)
        except (TraitError, SettingError, ToolUnavailableError) as error:
            self._stay_out(serverapp, error)
        except SystemExit:
            # traitlets ends an application whose configuration file has a bad value, after it has
            # said which; this one is a guest in somebody's server
            self._stay_out(serverapp, "its configuration file has a bad value, named above")

    def _stay_out(self, serverapp: ServerApp, problem: object) -> None:
        """Leave the server without this extension, rather than with half of it."""
        serverapp.log.error("streamlab is not loaded: %s", problem)
        serverapp.extension_manager.extensions[__package__].enabled = False

    def initialize_handlers(self) -> None:
        """Make the service and the handlers that share it."""
        self._server_log = ServerLog(self.log, self.log_json)
        self.service = StreamService(
            self.stream_settings,
            worker_kind=self.worker_kind,
            workers=self.workers,
            log_json=self.log_json,
        )
        for problem in self.service.describe_pipelines()["problems"]:
            self.log.warning("streamlab: left out: %s", escaped(problem))
        self.handlers.extend(make_handlers(self.service))

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        if self.service is None:
            return
        if self.preload:
            self.service.start()
        page = url_path_join(serverapp.connection_url, PAGE_PATH)
        self.log.info("streamlab shows a live view at %s", page)
        url = url_path_join(serverapp.connection_url, STREAM_PATH)
        self.log.info("streamlab streams at ws%s", url.removeprefix("http"))

    def current_activity(self) -> dict[str, int] | None:
        """Return the number of live sessions: a server that streams is not idle."""
        sessions = 0 if self.service is None else len(self.service.sessions)
        return {"sessions": sessions} if sessions else None

    async def stop_extension(self) -> None:
        """Close every session with 1001 and end the workers."""
        service, self.service = self.service, None
        if service is not None:
            await service.stop()
        if self._server_log is not None:
            self._server_log.close()
            self._server_log = None


main = StreamlabApp.launch_instance
