"""Cards and navigation of the information pages, for the templates of other apps too."""

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext, pgettext

from clinic import links
from treatments import structured_data as structured
from treatments.cards import public_cards
from treatments.models import Page, Professional
from treatments.people import people

register = template.Library()


@register.inclusion_tag("treatments/_cards.html")
def page_cards(*kinds, most=None, level=2):
    """Show cards of the public pages of `kinds`, newest first, at most `most`, with headings of `level`."""
    return {"cards": public_cards(*kinds)[:most], "level": level}


@register.simple_tag
def professionals():
    """Return the people of the centre, the first of them first."""
    return people.current()


@register.simple_tag
def reviewer(page):
    """Return the person of the centre who reviewed `page`, if it was one of them."""
    return next((person for person in people.current() if page.reviewed_by and page.reviewed_by == person.name), None)


@register.simple_tag(takes_context=True)
def structured_data(context):
    """Show what search engines may read of a public page; a preview says nothing to them."""
    page, language = context["page"], get_language()
    if context.get("preview"):
        return ""
    url = links.absolute(page.get_absolute_url())
    parents = {
        "treatment": (gettext("Treatments"), "treatments:overview"),
        "news": (gettext("News"), "treatments:news_list"),
    }
    crumbs = [(pgettext("breadcrumb", "Home"), links.absolute(reverse("treatments:home")))]
    if page.kind in parents:
        words, name = parents[page.kind]
        crumbs.append((words, links.absolute(reverse(name))))
    data = structured.describe(
        page,
        clinic=context["clinic"],
        site=settings.SITE_URL,
        url=url,
        language=language,
        faqs=context["faqs"],
        sources=context["sources"],
        people=people.current() if any(section["figure"] == "people" for section in context["contents"]) else [],
        crumbs=[*crumbs, (page.title, url)],
    )
    return structured.script(data)


@register.filter
def prose(html):
    """Return formatted text of the editor, each table in a box of its own that scrolls sideways, by keyboard too."""
    if html and "<table" in html:
        before = f'<div class="wide" role="group" tabindex="0" aria-label="{gettext("Table")}">'
        html = html.replace("<table", f"{before}<table").replace("</table>", "</table></div>")
    return mark_safe(html or "")  # noqa: S308


@register.simple_tag
def people_with_gaps():
    """Return [(person, names of the facts still to fill in)] of the people of the centre."""
    return [(person, missing) for person in Professional.objects.all() if (missing := person.missing())]


@register.simple_tag
def pages_past_review():
    """Return the public pages whose next review is over, the longest first."""
    now = timezone.now()
    over = Page.objects.filter(published_at__lte=now, next_review__lt=timezone.localdate(now))
    return over.order_by("next_review", "pk")


@register.simple_tag
def pages_without_review():
    """Return the public pages that name no reviewer."""
    return Page.objects.filter(published_at__lte=timezone.now(), reviewed_by="").order_by("kind", "pk")
