"""{% language_links %} and {% path_of %}: addresses in the other languages."""

from django import template
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, override

from clinic import links

register = template.Library()


@register.simple_tag(takes_context=True)
def language_links(context):
    """Return [(code, name, path)] of the other languages."""
    others = [(code, name) for code, name in settings.LANGUAGES if code != get_language()]
    return [(code, name, path_in(context, code)) for code, name in others]


@register.simple_tag
def path_of(name, language):
    """Return the path of the URL name `name` in `language`."""
    return links.in_each_language(name)[language]


def path_in(context, language):
    """Return the path of the page in `language`; if it does not exist there, that of its section or the home page."""
    if (alternates := context.get("alternates")) is not None:
        return alternates.get(language) or section_in(context, language)
    match = getattr(context.get("request"), "resolver_match", None)
    with override(language):
        try:
            return reverse(match.view_name, args=match.args, kwargs=match.kwargs)
        except (AttributeError, NoReverseMatch):
            return reverse("treatments:home")


def section_in(context, language):
    """Return the path of the overview that lists the page's kind, for a page that is not written in `language`."""
    name = {"treatment": "overview", "news": "news_list"}.get(
        context["page"].kind if "page" in context else "news", "home"
    )
    with override(language):
        return reverse(f"treatments:{name}")
