"""Guesses which requests come from robots; a suspected one is kept apart for staff to judge, never dropped."""

import re

LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
MARKUP = re.compile(r"<a\s|\[url|\[link", re.IGNORECASE)
MOST_LINKS = 2
# A person repeats words too: only a long text made of very few of them is a machine's.
LONG_TEXT_WORDS = 40
LEAST_DIFFERENT_WORDS = 0.2


def is_suspected(*, trap: str, name: str, message: str) -> bool:
    """Say whether a request looks like a robot's: the hidden field is filled in, links, or one text over and over."""
    return bool(trap or LINK.search(name) or MARKUP.search(message) or has_many_links(message) or repeats(message))


def has_many_links(message: str) -> bool:
    return len(LINK.findall(message)) > MOST_LINKS


def repeats(message: str) -> bool:
    words = message.lower().split()
    return len(words) >= LONG_TEXT_WORDS and len(set(words)) < LEAST_DIFFERENT_WORDS * len(words)
