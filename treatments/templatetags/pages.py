"""Template tags of the information pages: structured data, formatted text, pages that wait for a review."""

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext, pgettext

from clinic import links
from treatments import structured_data as structured
from treatments.models import Page

register = template.Library()


@register.simple_tag(takes_context=True)
def structured_data(context):
    """Return the structured data of the public page in the context; a preview has none."""
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
        title, name = parents[page.kind]
        crumbs.append((title, links.absolute(reverse(name))))
    data = structured.describe(
        page,
        clinic=context["clinic"],
        site=settings.SITE_URL,
        url=url,
        language=language,
        faqs=context["faqs"],
        sources=context["sources"],
        shows_people=any(section.shown_figure == "people" for section in context["sections"]),
        crumbs=[*crumbs, (page.title, url)],
    )
    return structured.script(data)


@register.filter
def prose(html):
    """Return formatted text as HTML, each table in a box that scrolls sideways and can take the focus."""
    if html and "<table" in html:
        before = f'<div class="wide" role="group" tabindex="0" aria-label="{gettext("Table")}">'
        html = html.replace("<table", f"{before}<table").replace("</table>", "</table></div>")
    return mark_safe(html or "")  # noqa: S308


@register.simple_tag
def pages_past_review():
    """Return the public pages whose date of next review has passed, the oldest date first."""
    now = timezone.now()
    due = Page.objects.filter(published_at__lte=now, next_review__lt=timezone.localdate(now))
    return due.order_by("next_review", "pk")


@register.simple_tag
def pages_without_review():
    """Return the public pages that name no reviewer."""
    return Page.objects.filter(published_at__lte=timezone.now(), reviewed_by="").order_by("kind", "pk")
