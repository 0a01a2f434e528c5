"""First content: loaded once from TOML, so that what staff edit or delete never comes back."""

from clinic.models import LoadedSeed

LANGUAGES = {"it", "en"}


def is_first_time(name: str) -> bool:
    """Record that seed `name` is loaded; return whether it was not before (call inside a transaction)."""
    return LoadedSeed.objects.get_or_create(name=name)[1]


def columns(entry: dict) -> dict:
    """Return `entry` with each {it = ..., en = ...} pair spread over its two columns."""
    spread: dict = {}
    for name, value in entry.items():
        if isinstance(value, dict) and set(value) == LANGUAGES:
            spread |= {f"{name}_{language}": words.strip() for language, words in value.items()}
        else:
            spread[name] = value
    return spread
