"""Cards and navigation of the information pages, for the templates of other apps too."""

from django import template

from treatments.models import Page

register = template.Library()


@register.simple_tag
def public_pages(*kinds, most=None):
    """Return the public pages of `kinds` in the active language, newest first, at most `most`."""
    return Page.objects.public().filter(kind__in=kinds)[:most]


@register.inclusion_tag("treatments/_cards.html")
def page_cards(*kinds, most=None, level=2):
    """Show cards of the public pages of `kinds`, with headings of `level`."""
    return {"pages": public_pages(*kinds, most=most), "level": level}
