"""Cards and navigation of the information pages, for the templates of other apps too."""

from django import template
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from treatments.models import Page, Photo

register = template.Library()


@register.simple_tag
def public_pages(*kinds, most=None):
    """Return the public pages of `kinds` in the active language, newest first, at most `most`."""
    return Page.objects.public().filter(kind__in=kinds)[:most]


@register.inclusion_tag("treatments/_cards.html")
def page_cards(*kinds, most=None, level=2):
    """Show cards of the public pages of `kinds`, with headings of `level`."""
    return {"pages": public_pages(*kinds, most=most), "level": level}


@register.simple_tag
def portrait():
    """Return the photograph of Dr. Fantato, if there is one."""
    return Photo.objects.filter(is_portrait=True).first()


@register.filter
def prose(html):
    """Return formatted text of the editor, each table in a box of its own that scrolls sideways, by keyboard too."""
    before = f'<div class="wide" role="group" tabindex="0" aria-label="{_("Table")}">'
    return mark_safe((html or "").replace("<table", f"{before}<table").replace("</table>", "</table></div>"))  # noqa: S308


@register.simple_tag
def pages_past_review():
    """Return the public pages whose next review is over, the longest first."""
    now = timezone.now()
    over = Page.objects.filter(published_at__lte=now, next_review__lt=timezone.localdate(now))
    return over.order_by("next_review", "pk")
