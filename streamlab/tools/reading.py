"""What an OCR engine read, character by character."""

from collections.abc import Iterable
from typing import NamedTuple

_UNREADABLE_INSIDE = 0.3
"""What a reading keeps of its score when a character in its midst cannot be what it was read as."""

_READ_WELL = 0.6
"""Score from which on a character that is not listed is one that a user may have wanted."""
_LEAST_TEXT = 2
"""Characters; the edge of a plate may be read as a single one."""


class Reading(NamedTuple):
    """A text and how sure the engine is of it, 0 to 1, by its own account."""

    text: str
    """Empty where nothing was read."""
    score: float
    """Of a line that of its least sure character, of a page the mean; 0 where nothing was read."""
    character_scores: tuple[float, ...]
    """One for each character of `text`; of a page, white space left out."""
    unlisted: str = ""
    """Of an empty text: the letters and digits that were read well, none of them listed."""


NOTHING = Reading("", 0.0, ())


def line_of(characters: Iterable[tuple[str, float]], whitelist: str = "") -> Reading:
    """Put the reading of a line together from characters and their scores.

    With a `whitelist`, other characters are left out, and a small letter counts as its capital
    where only that is listed. An engine restricted to the whitelist would read the edge of
    a plate as a letter; left free it reads a stroke, which goes here.
    """
    characters = list(characters)
    # A gap between words is often none, and never a sign of something unreadable.
    spaced = not whitelist or " " in whitelist
    found = [(_listed(c, whitelist), score) for c, score in characters if spaced or not c.isspace()]
    kept = [i for i, (c, _) in enumerate(found) if c]
    if not kept:
        return NOTHING._replace(unlisted=_read_well(characters))
    inner = found[kept[0] : kept[-1] + 1]
    scores = tuple(score for c, score in inner if c)
    doubtful = any(not c for c, _ in inner)
    score = min(scores) * (_UNREADABLE_INSIDE if doubtful else 1.0)
    return Reading("".join(c for c, _ in inner), score, scores)


def page_of(characters: Iterable[tuple[str, float]], whitelist: str = "") -> Reading:
    """Put the reading of a page together, which may well hold more than is listed."""
    allowed = whitelist and whitelist + " \n"
    found = [(_listed(c, allowed), score) for c, score in characters]
    lines = ("".join(c for c, _ in found)).splitlines()
    text = "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)
    scores = tuple(score for c, score in found if c and not c.isspace())
    return Reading(text, sum(scores) / len(scores), scores) if scores else NOTHING


def trimmed(reading: Reading, marks: str) -> Reading:
    """Return `reading` without what it has of `marks` at its ends."""
    start = len(reading.text) - len(reading.text.lstrip(marks))
    end = len(reading.text.rstrip(marks))
    if start >= end:
        return NOTHING
    scores = reading.character_scores[start:end]
    # A doubt about the inside is kept, one about a mark at the end is not.
    share = reading.score / max(min(reading.character_scores), 1e-9)
    return Reading(reading.text[start:end], min(scores) * share, scores)


def _read_well(characters: Iterable[tuple[str, float]]) -> str:
    """Return the text of letters and digits; empty for a single one, and where one is doubtful."""
    found = [(c, score) for c, score in characters if c.isalnum()]
    if len(found) < _LEAST_TEXT or min(score for _, score in found) < _READ_WELL:
        return ""
    return "".join(c for c, _ in found)


def _listed(character: str, whitelist: str) -> str:
    if not whitelist or character in whitelist:
        return character
    capital = character.upper()
    return capital if capital in whitelist and len(capital) == 1 else ""
