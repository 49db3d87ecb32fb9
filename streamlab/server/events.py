"""The observers' handler, but for authentication, which is its host's."""

from collections.abc import Awaitable

from streamlab.errors import InvalidParameterError
from streamlab.server.stream import JsonSocket


class EventsSocket(JsonSocket):
    """Shows a topic to an observer for as long as it stays. What it says is not listened to."""

    topic: str | None = None

    @property
    def max_message_size(self) -> int:
        """Largest message that is read, bytes; an observer has nothing to say."""
        return 1024

    def begin(self) -> None:
        """Join the topic that the URL names."""
        topic = self.query().get("topic", "")
        connections = self.service.connections
        if topic not in connections.topics:
            allowed = f"{' or '.join(connections.topics)} is allowed"
            raise InvalidParameterError("topic", topic, allowed)
        self.topic = topic
        self.service.start(with_workers=False)
        connections.connect(topic, self)

    def finish_up(self) -> None:
        """Leave the topic."""
        if self.topic is not None:
            self.service.connections.disconnect(self.topic, self)

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Ignore it."""
        return self.pace()
