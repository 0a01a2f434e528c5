"""Revisions of content: what a page, a fact or a question said, who saved it and when, and how to get it back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Revision(models.Model):
    """The whole content of one object after a save, or before its deletion; in all languages, with its parts."""

    class Action(models.TextChoices):
        FOUND = "found", _("before the first change")
        SAVED = "saved", _("saved")
        RESTORED = "restored", _("restored")
        DELETED = "deleted", _("deleted")

    model = models.CharField(max_length=60)  # "treatments.page"
    key = models.PositiveBigIntegerField()
    action = models.CharField(max_length=8, choices=Action)
    content = models.JSONField()
    title = models.CharField(max_length=200)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["model", "key"], name="revision_of_one_object")]

    def __str__(self):
        return f"{self.model} {self.key}: {self.action}"

    @classmethod
    def of(cls, row: models.Model) -> models.QuerySet["Revision"]:
        return cls.objects.filter(model=row._meta.label_lower, key=row.pk)

    @classmethod
    def version_of(cls, row: models.Model) -> int:
        """Return the number that every save of `row` changes; 0 before the first."""
        return cls.of(row).values_list("pk", flat=True).first() or 0

    @classmethod
    def record(cls, row: models.Model, action: str, content: dict, *, author, now: datetime) -> "Revision":
        return cls.objects.create(
            model=row._meta.label_lower, key=row.pk, title=str(row)[:200],
            action=action, content=content, author=author, saved_at=now,
        )  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One field that differs, in the words of the form; a part that came or went has an empty side."""

    name: str  # "title_it", or "sections-12-body_it" of a part
    label: str
    before: str
    after: str


def columns(model: type[models.Model]) -> list[models.Field]:
    """Return the columns that staff fill in: of a translated field one for each language, never the field itself."""
    fields = [field for field in model._meta.concrete_fields if field.editable and not field.primary_key]
    translated = {field.translated_field.name for field in fields if hasattr(field, "translated_field")}
    return [field for field in fields if field.name not in translated]


def values(row: models.Model, *, of: models.Model | None = None) -> dict:
    """Return {column: value as JSON} of `row`, without the key of the object that it is a part of."""
    mine = [each for each in columns(type(row)) if not (of and each.related_model is type(of))]
    return json.loads(json.dumps({each.attname: each.value_from_object(row) for each in mine}, cls=DjangoJSONEncoder))


def snapshot(row: models.Model, parts: list[str]) -> dict:
    """Return the content of `row` as the database has it, with the rows of each relation in `parts`."""
    row = type(row)._base_manager.get(pk=row.pk)
    rows = {part: [{"pk": each.pk, **values(each, of=row)} for each in getattr(row, part).all()] for part in parts}
    return {"fields": values(row), "parts": rows}


@transaction.atomic
def restore(model: type[models.Model], key: int, content: dict) -> models.Model:
    """Give the object the content of a revision, creating it and its parts again where they were deleted.

    ValidationError: what the revision says cannot be any more, such as an address that another page has taken.
    """
    row = model._base_manager.filter(pk=key).first() or model(pk=key)
    assign(row, content["fields"])
    for part, wanted in content["parts"].items():
        manager = getattr(row, part)
        manager.exclude(pk__in=[each["pk"] for each in wanted]).delete()
        for each in wanted:
            one = manager.filter(pk=each["pk"]).first() or manager.model(pk=each["pk"], **{manager.field.name: row})
            assign(one, {name: value for name, value in each.items() if name != "pk"})
    return row


def assign(row: models.Model, content: dict) -> None:
    fields = {field.attname: field for field in columns(type(row))}
    for name, value in content.items():
        if field := fields.get(name):  # a column may have gone since
            related = field.related_model
            gone = related and value is not None and not related._base_manager.filter(pk=value).exists()
            setattr(row, name, None if gone else field.to_python(value))
    # A translated field reads the column of the active language, which may rightly be empty.
    row.full_clean(
        exclude=[field.translated_field.name for field in fields.values() if hasattr(field, "translated_field")]
    )
    row.save()


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


def forget_old(*, now: datetime) -> int:
    """Delete revisions that have been kept long enough, but of each object the last; return how many."""
    latest = Revision.objects.values("model", "key").annotate(last=models.Max("pk")).values("last")
    deleted_before = now - timedelta(days=settings.KEEP_DELETED_CONTENT_DAYS)
    old = Revision.objects.filter(saved_at__lt=now - timedelta(days=settings.KEEP_REVISION_DAYS)).exclude(pk__in=latest)
    gone = Revision.objects.filter(action=Revision.Action.DELETED, saved_at__lt=deleted_before)
    keys = [models.Q(model=model, key=key) for model, key in gone.values_list("model", "key")]
    return sum(rows.delete()[0] for rows in (old, *(Revision.objects.filter(key) for key in keys)))
