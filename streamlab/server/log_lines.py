"""Lines of a log: nothing that a client sends begins one, nor reaches a terminal as it is."""

import json
import logging
import re

from streamlab.sessions.messages import to_json

INDENT = "    "
ESCAPED = {"is_escaped": True}
"""Extra of a record whose message is lines that are escaped and indented already."""

_SEPARATORS = re.compile("[\x7f-\x9f\u2028\u2029]")


def escaped(text: str) -> str:
    r"""Return text in which what is not printable stands as an escape, line ends too.

    >>> print(escaped("a\nb\x1b[31m\u202e"))
    a\nb\x1b[31m\u202e
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _escape(each) for each in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()


def indented(lines: str) -> str:
    """Return lines as a log has them under the one that they belong to."""
    return "".join(f"\n{INDENT}{escaped(line)}" for line in lines.rstrip().split("\n"))


def text_of(record: logging.LogRecord) -> str:
    """Return the message of a record, escaped, and under it its traceback."""
    message = record.getMessage()
    trace = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
    text = message if getattr(record, "is_escaped", False) else escaped(message)
    return text + (indented(trace) if trace else "")


class TextLines(logging.Formatter):
    """Formats a record as time, level and message; a traceback is indented under it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record, of which only the first is not indented."""
        return f"{self.formatTime(record)} {record.levelname} {text_of(record)}"


class JsonLines(logging.Formatter):
    """Formats what is not a line of JSON already as one."""

    def __init__(self, as_it_is: str) -> None:
        """`as_it_is` names the logger whose messages are such lines."""
        super().__init__()
        self._as_it_is = as_it_is

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        message = record.getMessage()
        if record.name == self._as_it_is:
            return message
        line = {"event": "log", "level": record.levelname, "message": message}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json_line(line)


def json_line(data: object) -> str:
    """Return JSON in which nothing ends a line, whatever a reader takes for a line's end.

    What is no Unicode, as in the name of a file, stands as an escape.
    """
    try:
        text = to_json(data).decode()
    except UnicodeEncodeError:
        text = json.dumps(data)
    return _SEPARATORS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
