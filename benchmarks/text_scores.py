"""How far a reading is from what is written. Case and white space don't count."""

from collections.abc import Iterable


def plain(text: str) -> str:
    """Return `text` without white space, and in small letters.

    >>> plain("NO Parking")
    'noparking'
    """
    return "".join(text.split()).casefold()


def edits(text: str, truth: str) -> int:
    """Return the least insertions, deletions and substitutions between two texts (Levenshtein).

    >>> edits("KX-4878", "KX-4873")
    1
    """
    return _last_row(plain(text), plain(truth), anywhere=False)[-1]


def edits_within(text: str, truth: str) -> int:
    """Return the least edits between `truth` and any part of `text`; all its characters at most.

    >>> edits_within("EXIT NOPARKlNG TAXI", "no parking")
    1
    """
    truth = plain(truth)
    # every part of the text is tried as the end of the match, its start is free
    return min(_last_row(truth, plain(text), anywhere=True))


def lines_found(text: str, truths: Iterable[str]) -> int:
    """Count the lines that stand in `text` to the letter, each as often as it is written there.

    >>> lines_found("NO PARKING ... EXIT", ["NO PARKING", "NO PARKING", "EXIT"])
    2
    """
    rest, found = plain(text), 0
    # longer ones first: a short line may be a part of another
    for truth in sorted(map(plain, truths), key=len, reverse=True):
        if truth in rest:
            rest = rest.replace(truth, "\n", 1)
            found += 1
    return found


def wrong_words(text: str, truths: Iterable[str]) -> int:
    """Count the words of two characters or more that are no part of what is written.

    >>> wrong_words("NO PARKlNG aX", ["NO PARKING"])
    2
    """
    written = "\n".join(map(plain, truths))
    return sum(len(word) > 1 and plain(word) not in written for word in text.split())


def _last_row(rows: str, columns: str, *, anywhere: bool) -> list[int]:
    """Return the edits between `rows` and what of `columns` ends at each place.

    That begins with the first column, or, with `anywhere`, where it fits best.
    """
    row = [0] * (len(columns) + 1) if anywhere else list(range(len(columns) + 1))
    for number, character in enumerate(rows, 1):
        above, row = row, [number]
        for place, other in enumerate(columns):
            same = above[place] + (character != other)
            row.append(min(same, above[place + 1] + 1, row[place] + 1))
    return row
