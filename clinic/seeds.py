"""Initial content from TOML files: each piece is loaded once, so that edits and deletions by staff persist.

What a later release changes in a piece is suggested to editors as a draft (clinic.editing.suggestions).
"""

import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import models, transaction

from clinic.editing.suggestions import suggest
from clinic.models import ContentVersion, LoadedSeed, Professional

LANGUAGES = {"it", "en"}
PEOPLE = Path(__file__).parent / "people.toml"


def load_once(
    name: str,
    entry: dict,
    parts: dict[str, list[dict]] | None = None,
    *,
    create: Callable[[], object],
    existing: models.QuerySet,
    now: datetime,
) -> bool:
    """Create what seed `name` says and return True; if it was loaded before, suggest what has changed since.

    `entry` and `parts` are columns; `existing` finds the object that was created from them. Call it in a transaction.
    """
    content = {"fields": entry, "parts": parts or {}}
    seed, is_new = LoadedSeed.objects.get_or_create(name=name, defaults={"content": content})
    if is_new:
        create()
    elif seed.content != content:
        row = existing.first()
        # Another draft comes first: the suggestion is made when the site starts the next time.
        if row is None or suggest(row, name, seed.content, content, now=now):
            seed.content = content
            seed.save(update_fields=["content"])
    return is_new


def columns(entry: dict) -> dict:
    """Return `entry` with each {it = ..., en = ...} value split into its two columns."""
    split: dict = {}
    for name, value in entry.items():
        if isinstance(value, dict) and set(value) == LANGUAGES:
            split |= {f"{name}_{language}": text.strip() for language, text in value.items()}
        else:
            split[name] = value
    return split


def save_clean(row: models.Model) -> None:
    """Validate and save `row`; its formatted text is sanitized on the way, as in the admin."""
    row.full_clean()
    row.save()


@transaction.atomic
def load_people(*, now: datetime) -> int:
    """Create the people of the centre that are known, once; return how many."""
    people = [columns(entry) for entry in tomllib.loads(PEOPLE.read_text())["people"]]

    def create():
        for position, person in enumerate(people, start=1):
            save_clean(Professional(position=position, **person))
        ContentVersion.bump()

    # Of a person only the name is known, and never suggested.
    nobody = Professional.objects.none()
    is_new = load_once(f"clinic/{PEOPLE.name}", {"people": people}, create=create, existing=nobody, now=now)
    return len(people) if is_new else 0
