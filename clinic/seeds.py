"""Initial content from TOML files: each piece is loaded once, so that edits and deletions by staff persist."""

from clinic.models import LoadedSeed

LANGUAGES = {"it", "en"}


def is_first_time(name: str) -> bool:
    """Record that seed `name` is loaded and return whether it is the first time; call it in a transaction."""
    return LoadedSeed.objects.get_or_create(name=name)[1]


def columns(entry: dict) -> dict:
    """Return `entry` with each {it = ..., en = ...} value split into its two columns."""
    split: dict = {}
    for name, value in entry.items():
        if isinstance(value, dict) and set(value) == LANGUAGES:
            split |= {f"{name}_{language}": text.strip() for language, text in value.items()}
        else:
            split[name] = value
    return split
