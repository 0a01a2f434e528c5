"""{% page_head %}: the title, description and links in the head of a public page."""

from django import template
from django.conf import settings
from django.utils.translation import get_language, gettext

from clinic import links

register = template.Library()


@register.inclusion_tag("clinic/_head.html", takes_context=True)
def page_head(context, title, description, noindex=False, error=False):
    """Render the head with `title` and `description`, which the Open Graph tags repeat.

    `noindex` leaves the page out of search engines: no canonical URL, no hreflang, no Open Graph tags. `error` puts
    "Error" before the title, which screen readers announce first.
    """
    if error:
        title = f"{gettext('Error')}: {title}"
    head = {"title": title, "description": description, "clinic": context["clinic"]}
    if noindex:
        return head
    paths = context.get("alternates")
    if paths is None:
        match = context["request"].resolver_match
        paths = links.in_each_language(match.view_name, match.args, match.kwargs)
    drawing = getattr(context.get("page"), "drawing", "")
    return head | {
        "canonical": links.absolute(paths[get_language()]),
        "alternates": links.alternates(paths),
        "is_article": getattr(context.get("page"), "kind", "") == "news",
        "picture": f"img/share/{drawing}.png" if drawing else "img/og.png",
        "site_url": settings.SITE_URL,
    }
