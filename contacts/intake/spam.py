"""Detects requests that look like spam; a suspected one is stored for staff to judge, never dropped."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
MARKUP = re.compile(r"<a\s|\[url|\[link", re.IGNORECASE)
MAX_LINKS = 2
# Patients repeat words too: only a long text of very few different words is automatic.
LONG_TEXT_WORDS = 40
MIN_DIFFERENT_WORDS = 0.2


def is_suspected(*, honeypot: str, name: str, message: str) -> bool:
    """Return whether the hidden field is filled in, links are too many or misplaced, or the text repeats itself."""
    return bool(honeypot or signs(name=name, message=message))


def signs(*, name: str, message: str) -> list[str]:
    """Return in words what makes the text look like spam."""
    found = []
    if LINK.search(name):
        found.append(_("a link in the name"))
    if (links := len(LINK.findall(message))) > MAX_LINKS:
        found.append(ngettext("%(count)d link", "%(count)d links", links) % {"count": links})
    if MARKUP.search(message):
        found.append(_("the code of a link"))
    if repeats(message):
        found.append(_("a text that repeats itself"))
    return found


def repeats(message: str) -> bool:
    words = message.lower().split()
    return len(words) >= LONG_TEXT_WORDS and len(set(words)) < MIN_DIFFERENT_WORDS * len(words)
