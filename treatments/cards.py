"""The cards by which lists lead to pages: read when content changes, kept for when the database is away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language

from clinic.caching.values import CachedValue
from treatments.models import LANGUAGES, Page


@dataclass(frozen=True)
class Card:
    """What a list shows of a page in one language."""

    kind: str
    title: str
    summary: str
    address: str
    published_at: datetime


def read() -> dict[str, list[Card]]:
    """Return {language: cards of the pages written in it that have a day to appear}, newest first within a kind."""
    return {language: list(read_in(language)) for language in LANGUAGES}


def read_in(language: str) -> Iterator[Card]:
    for page in Page.objects.written_in(language).defer("in_short"):
        if page.published_at:
            title, summary = getattr(page, f"title_{language}"), getattr(page, f"summary_{language}") or ""
            yield Card(page.kind, title, summary, page.address(language), page.published_at)


cards: CachedValue[dict[str, list[Card]]] = CachedValue(read)


def public_cards(*kinds: str) -> list[Card]:
    """Return the cards of the pages of `kinds` that visitors may read now in the active language."""
    # Whether their day has come is asked each time: nothing is read anew when it comes.
    now = timezone.now()
    return [card for card in cards.current()[get_language()] if card.kind in kinds and card.published_at <= now]
