"""The way to the same page in the other language, for readers and for machines."""

from django import template
from django.conf import settings
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe
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
    """Return the path of the address called `name` in `language`."""
    return links.in_each_language(name)[language]


def path_in(context, language):
    """A page knows its own addresses; a fixed address is found by its name; else the language's home."""
    if (alternates := context.get("alternates")) is not None:
        return alternates.get(language) or overview_in(context, language)
    match = getattr(context.get("request"), "resolver_match", None)
    with override(language):
        try:
            return reverse(match.view_name, args=match.args, kwargs=match.kwargs)
        except (AttributeError, NoReverseMatch):
            return reverse("treatments:home")


def overview_in(context, language):
    """Where a page that is not written in `language` sends its reader: the overview of its section."""
    name = {"treatment": "overview", "news": "news_list"}.get(context["page"].kind, "home")
    with override(language):
        return reverse(f"treatments:{name}")


@register.inclusion_tag("clinic/_head.html", takes_context=True)
def seo_head(context):
    """Show a page's own address, its other language and its card; a page that is not to be indexed has none."""
    if block_text(context, "robots"):
        return {"paths": {}}
    paths = context.get("alternates")
    if paths is None:
        match = context["request"].resolver_match
        paths = links.in_each_language(match.view_name, match.args, match.kwargs)
    return {
        "paths": paths,
        "canonical": links.absolute(paths[get_language()]),
        "alternates": links.alternates(paths),
        "title": block_text(context, "title"),
        "description": block_text(context, "description"),
        "site_name": block_text(context, "site_name"),
        "is_article": getattr(context.get("page"), "kind", "") == "news",
        "site_url": settings.SITE_URL,
    }


def block_text(context, name):
    """Return what block `name` of the page holds, which Django shows only once by itself."""
    rendered = context.render_context[BLOCK_CONTEXT_KEY].get_block(name).render(context)
    return mark_safe(rendered.strip())  # noqa: S308 - a template rendered it, and escaped what it had to
