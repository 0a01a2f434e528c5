"""Canonical URLs and hreflang: absolute URLs, and those of the same page in the other language."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override


def absolute(path: str) -> str:
    return settings.SITE_URL + path


def in_each_language(name: str, args=(), kwargs=None) -> dict[str, str]:
    """Return {language: path} of a URL pattern that exists in both languages."""
    paths = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            paths[language] = reverse(name, args=args, kwargs=kwargs)
    return paths


def alternates(paths: dict[str, str]) -> list[tuple[str, str]]:
    """Return [(hreflang, URL)] for a page with `paths`; the first language is also "x-default"."""
    found = [(language, absolute(path)) for language, path in paths.items()]
    return [*found, ("x-default", found[0][1])] if found else []
