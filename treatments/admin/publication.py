"""Says what a save of a page means for visitors: where it is shown, from when, and what is missing."""

from datetime import datetime

from django.contrib import messages
from django.utils.html import format_html, format_html_join
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from clinic.editing.moments import day_and_hour
from treatments.models import LANGUAGES, Page

NAMES = {"it": "Italiano", "en": "English"}


def result_of_saving(page: Page, *, now: datetime) -> tuple[str, int]:
    """Return a sentence for who saved `page`, and the level of its message."""
    written = [language for language in LANGUAGES if page.is_written_in(language)]
    shown = [(page.address(language), language, language, NAMES[language]) for language in written]
    links = format_html_join(", ", '<a href="{}" hreflang="{}" lang="{}">{}</a>', shown)
    missing = missing_words(page)
    if page.published_at is None or not written:
        return format_html("{} {}", _("Saved as a draft: visitors do not see it."), missing), messages.WARNING
    if page.is_public(now):
        return format_html(_("Saved and visible here: {}. {}"), links, missing), messages.SUCCESS
    return format_html(
        _("Saved: it will appear on {} at {}. {}"), *day_and_hour(page.published_at), missing
    ), messages.SUCCESS


def words_of_draft(page: Page) -> str:
    """Return a sentence for who saved a draft of a public page."""
    return format_html("{} {}", _("Saved as a draft: visitors see the page as it was."), missing_words(page))


def missing_words(page: Page) -> str:
    unwritten = (language for language in LANGUAGES if not page.is_written_in(language))
    return " ".join(missing_in(page, language) for language in unwritten)


def missing_in(page: Page, language: str) -> str:
    """Return what visitors would need to see the page in `language`."""
    parts = get_text_list(page.missing_in(language), _("and"))
    if language == "it":
        return _("Missing in Italian: %s.") % parts
    return _("Missing in English: %s.") % parts
