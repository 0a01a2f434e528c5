"""Initial content from TOML files: each piece is loaded once, so that edits and deletions by staff persist."""

import tomllib
from pathlib import Path

from django.db import transaction

from clinic.models import ContentVersion, LoadedSeed, Professional

LANGUAGES = {"it", "en"}
PEOPLE = Path(__file__).parent / "people.toml"


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


@transaction.atomic
def load_people() -> int:
    """Create the people of the centre that are known, once; return how many."""
    if not is_first_time(f"clinic/{PEOPLE.name}"):
        return 0
    entries = tomllib.loads(PEOPLE.read_text())["people"]
    for position, entry in enumerate(entries, start=1):
        person = Professional(position=position, **columns(entry))
        person.full_clean()
        person.save()
    ContentVersion.bump()
    return len(entries)
