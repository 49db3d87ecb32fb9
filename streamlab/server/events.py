"""The observers' handler, but for authentication, which is its host's."""

from collections.abc import Awaitable

from streamlab.errors import InvalidParameterError
from streamlab.server.stream import JsonSocket


class EventsSocket(JsonSocket):
    """Sends a topic's updates to an observer; incoming messages are ignored."""

    topic: str | None = None

    @property
    def max_message_size(self) -> int:
        """Maximum size of an incoming message, bytes."""
        return 1024

    def begin(self) -> None:
        """Subscribe to the topic that the URL names."""
        topic = self.query().get("topic", "")
        connections = self.service.connections
        if topic not in connections.topics:
            allowed = f"{' or '.join(connections.topics)} is allowed"
            raise InvalidParameterError("topic", topic, allowed)
        self.topic = topic
        self.service.start(with_workers=False)
        connections.connect(topic, self)

    def finish_up(self) -> None:
        """Unsubscribe."""
        if self.topic is not None:
            self.service.connections.disconnect(self.topic, self)

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Ignore it."""
        return self.pace()
