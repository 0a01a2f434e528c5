"""What differs between two contents of an object, field by field, in the words of its form."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone

from clinic.models.revisions import columns


@dataclass(frozen=True)
class Change:
    """One field that differs, in the words of the form; a part that came or went has an empty side."""

    name: str  # "title_it", or "sections-12-body_it" of a part
    label: str
    before: str
    after: str


def label(field: models.Field) -> str:
    """Return "Title [it]", as the form says."""
    name = str(field.verbose_name)
    return name[:1].upper() + name[1:]


def shown(field: models.Field, value) -> str:
    """Return a value as the form shows it."""
    choices = dict(field.flatchoices or [])
    if value in (None, ""):
        return ""
    if isinstance(field, models.ForeignKey):
        return str(field.related_model._base_manager.filter(pk=value).first() or "")
    return str(choices.get(value, timezone.localtime(value) if isinstance(value, datetime) else value))


def changes(model: type[models.Model], before: dict, after: dict) -> Iterator[Change]:
    """Yield what differs between two contents of an object of `model`."""
    yield from differing(model, before["fields"], after["fields"])
    for part, rows in after["parts"].items():
        part_model: Any = model._meta.get_field(part).related_model
        name = str(part_model._meta.verbose_name)
        old, new = ({row["pk"]: row for row in each} for each in (before["parts"].get(part, []), rows))
        for key in [*old, *(key for key in new if key not in old)]:
            row = new.get(key) or old[key]
            title = str(
                part_model(**{each.attname: each.to_python(row.get(each.attname)) for each in columns(part_model)})
            )
            words = f"{name} “{title}”: " if title else f"{name}: "
            yield from differing(part_model, old.get(key, {}), new.get(key, {}), f"{part}-{key}-", words)


def differing(model, before: dict, after: dict, prefix: str = "", words: str = "") -> Iterator[Change]:
    for field in columns(model):
        # A part that came or went has nothing on one side, and a column may be newer than the revision.
        sides = (side.get(field.attname) for side in (before, after))
        one, other = (None if value is None else field.to_python(value) for value in sides)
        if (one or None) != (other or None):
            yield Change(prefix + field.name, words + label(field), shown(field, one), shown(field, other))
