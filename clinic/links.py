"""What every page tells machines alike: absolute addresses, and the same page in the other language."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override


def absolute(path: str) -> str:
    return settings.SITE_URL + path


def in_each_language(name: str, args=(), kwargs=None) -> dict[str, str]:
    """Return {language: path} of an address that exists in both languages."""
    paths = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            paths[language] = reverse(name, args=args, kwargs=kwargs)
    return paths


def alternates(paths: dict[str, str]) -> list[tuple[str, str]]:
    """Return [(hreflang, address)] for a page that has `paths`; who reads neither language is led to the first."""
    found = [(language, absolute(path)) for language, path in paths.items()]
    return [*found, ("x-default", found[0][1])] if found else []
