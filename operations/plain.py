"""Text of strangers, made harmless: orders and dead letters hold whatever a client or a partner sent."""

from __future__ import annotations


def plain(text: str) -> str:
    """The text on one line, with an escape in the place of whatever is not to be seen: controls, marks of direction,
    halves of a surrogate pair, every space but the plain one.
    """
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
