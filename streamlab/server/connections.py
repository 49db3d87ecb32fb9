"""`ConnectionManager`: publishes topics to their observers; never frames."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from streamlab.sessions.messages import to_json

TOPIC_SESSIONS = "sessions"

MAX_UNSENT_BYTES = 1 << 18
"""An observer that has this much unread is left out until it has read it."""


class Observer(Protocol):
    """The connection to an observer."""

    def send(self, message: bytes) -> None:
        """Write one text message."""

    @property
    def unsent_bytes(self) -> int:
        """Bytes that were sent and not taken yet."""


class ConnectionManager:
    """Observers by topic, and what each topic shows.

    A topic is a function that returns plain data. `publish` calls it once and sends the same bytes
    to every observer; without observers it is not called at all. An observer has
    `send(message)`, which takes the UTF-8 of a JSON object, and `unsent_bytes`.

    >>> class Observer:
    ...     unsent_bytes = 0
    ...
    ...     def send(self, message):
    ...         print(message.decode())
    >>> manager = ConnectionManager({"weather": lambda: "rain"})
    >>> manager.connect("weather", Observer())
    {"topic":"weather","weather":"rain"}
    """

    def __init__(self, topics: Mapping[str, Callable[[], Any]]) -> None:
        self._topics = dict(topics)
        self._observers: dict[str, set[Observer]] = {topic: set() for topic in topics}

    @property
    def topics(self) -> list[str]:
        """The topics there are."""
        return list(self._topics)

    def connect(self, topic: str, observer: Observer) -> None:
        """Take in an observer and show it the topic as it is now; `KeyError` for no such topic."""
        self._observers[topic].add(observer)
        observer.send(self._message(topic))

    def disconnect(self, topic: str, observer: Observer) -> None:
        """Let an observer go."""
        self._observers[topic].discard(observer)

    def publish(self, topic: str) -> None:
        """Show a topic to all its observers."""
        if not self._observers[topic]:
            return
        message = self._message(topic)
        for observer in tuple(self._observers[topic]):
            if observer.unsent_bytes <= MAX_UNSENT_BYTES:
                observer.send(message)

    def _message(self, topic: str) -> bytes:
        return to_json({"topic": topic, topic: self._topics[topic]()})
