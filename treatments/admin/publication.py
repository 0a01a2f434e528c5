"""Says what a save of a page means for visitors: where it is shown, from when, and what is missing."""

from datetime import datetime

from django.contrib import messages
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from treatments.models import LANGUAGES, Page

NAMES = {"it": "Italiano", "en": "English"}


def result_of_saving(page: Page, *, now: datetime) -> tuple[str, int]:
    """Return a sentence for who saved `page`, and the level of its message."""
    written = [language for language in LANGUAGES if page.is_written_in(language)]
    shown = [(page.address(language), language, language, NAMES[language]) for language in written]
    links = format_html_join(", ", '<a href="{}" hreflang="{}" lang="{}">{}</a>', shown)
    missing = " ".join(missing_in(page, language) for language in LANGUAGES if language not in written)
    if page.published_at is None or not written:
        return format_html("{} {}", _("Saved as a draft: visitors do not see it."), missing), messages.WARNING
    if page.is_public(now):
        return format_html(_("Saved and visible here: {}. {}"), links, missing), messages.SUCCESS
    moment = timezone.localtime(page.published_at)
    day, hour = date_format(moment, "DATE_FORMAT"), date_format(moment, "TIME_FORMAT")
    return format_html(_("Saved: it will appear on {} at {}. {}"), day, hour, missing), messages.SUCCESS


def missing_in(page: Page, language: str) -> str:
    """Return what visitors would need to see the page in `language`."""
    parts = get_text_list(page.missing_in(language), _("and"))
    if language == "it":
        return _("Missing in Italian: %s.") % parts
    return _("Missing in English: %s.") % parts
