"""Detects requests that look like spam; a suspected one is stored for staff to judge, never dropped."""

import re

LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
MARKUP = re.compile(r"<a\s|\[url|\[link", re.IGNORECASE)
MAX_LINKS = 2
# Patients repeat words too: only a long text of very few different words is automatic.
LONG_TEXT_WORDS = 40
MIN_DIFFERENT_WORDS = 0.2


def is_suspected(*, honeypot: str, name: str, message: str) -> bool:
    """Return whether the hidden field is filled in, links are too many or misplaced, or the text repeats itself."""
    return bool(honeypot or LINK.search(name) or MARKUP.search(message) or has_many_links(message) or repeats(message))


def has_many_links(message: str) -> bool:
    return len(LINK.findall(message)) > MAX_LINKS


def repeats(message: str) -> bool:
    words = message.lower().split()
    return len(words) >= LONG_TEXT_WORDS and len(set(words)) < MIN_DIFFERENT_WORDS * len(words)
