"""Revisions of content: what a page, a fact or a question said, who saved it and when, and how to get it back."""

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class RevisionQuerySet(models.QuerySet):
    def applied(self):
        """Return what visitors were shown, or what was deleted: all but the drafts."""
        return self.exclude(action__in=Revision.DRAFTS)


class Revision(models.Model):
    """The whole content of one object after a save, or before its deletion; in all languages, with its parts.

    A draft is a revision that was not applied: one waits beside the public content until it is published or discarded.
    """

    class Action(models.TextChoices):
        FOUND = "found", _("before the first change")
        SAVED = "saved", _("saved")
        PUBLISHED = "published", _("draft published")
        RESTORED = "restored", _("restored")
        DELETED = "deleted", _("deleted")
        DRAFT = "draft", _("draft that waits")
        DISCARDED = "discarded", _("draft that was not published")

    DRAFTS = (Action.DRAFT, Action.DISCARDED)

    model = models.CharField(max_length=60)  # "treatments.page"
    key = models.PositiveBigIntegerField()
    action = models.CharField(max_length=9, choices=Action)
    content = models.JSONField()
    # Of a draft: the content that was public when it was written, and when it is to be published.
    base = models.JSONField(null=True)
    publish_at = models.DateTimeField(null=True)
    title = models.CharField(max_length=200)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    saved_at = models.DateTimeField()

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["model", "key"], name="revision_of_one_object")]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "key"], condition=models.Q(action="draft"), name="revision_one_draft_waits"
            )
        ]

    def __str__(self):
        return f"{self.model} {self.key}: {self.action}"

    @classmethod
    def of(cls, row: models.Model) -> RevisionQuerySet:
        return cls.objects.filter(model=row._meta.label_lower, key=row.pk)

    @classmethod
    def draft_of(cls, model: type[models.Model], key: int) -> "Revision | None":
        drafts = cls.objects.filter(model=model._meta.label_lower, key=key, action=cls.Action.DRAFT)
        return drafts.select_related("author").first()

    @classmethod
    def record(cls, row: models.Model, action: str, content: dict, *, author, now: datetime, **draft) -> "Revision":
        return cls.objects.create(
            model=row._meta.label_lower, key=row.pk, title=str(row)[:200],
            action=action, content=content, author=author, saved_at=now, **draft,
        )  # fmt: skip

    @classmethod
    def record_change(cls, row, action: str, before: dict | None, after: dict, *, author, now: datetime) -> None:
        """Keep `after`, unless nothing changed; before the first revision also what there was."""
        if before and before != after and not cls.of(row).applied().exists():
            cls.record(row, cls.Action.FOUND, before, author=None, now=now)
        if before != after:
            cls.record(row, action, after, author=author, now=now)

    def author_name(self) -> str:
        if "seed" in self.content:  # clinic.editing.suggestions
            return gettext("an update of the site")
        return self.author.get_username() if self.author else gettext("a colleague")

    def discard(self) -> None:
        """Keep the draft in the history alone."""
        self.action, self.publish_at = self.Action.DISCARDED, None
        self.save(update_fields=["action", "publish_at"])


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


def last_snapshot(row: models.Model, parts: list[str]) -> dict:
    """Return the content of `row` with what its deletion takes besides: hidden columns, and links that become empty."""
    emptied = [each for each in row._meta.related_objects if each.on_delete is models.SET_NULL]
    links = [name for each in emptied if (name := each.get_accessor_name())]
    hidden = [each for each in row._meta.concrete_fields if not each.editable and not getattr(each, "auto_now", False)]
    return snapshot(row, parts) | {
        "hidden": {each.attname: each.value_to_string(row) for each in hidden},
        "links": {link: list(getattr(row, link).values_list("pk", flat=True)) for link in links},
    }


def number_new_parts(content: dict, public: dict) -> dict:
    """Give the parts that only a draft has keys below zero: the database may give theirs to other rows."""
    for part, rows in content["parts"].items():
        known = {row["pk"] for row in public["parts"][part]}
        for number, row in enumerate((row for row in rows if row["pk"] not in known), start=1):
            row["pk"] = -number
    return content


@transaction.atomic
def restore(model: type[models.Model], key: int, content: dict) -> models.Model:
    """Give the object the content of a revision, creating it and its parts again where they were deleted.

    ValidationError: what the revision says cannot be any more, such as an address that another page has taken.
    """
    row = model._base_manager.filter(pk=key).first()
    is_new = row is None
    row = row or model(pk=key, **content.get("hidden", {}))
    assign(row, content["fields"])
    for part, wanted in content["parts"].items():
        manager = getattr(row, part)
        manager.exclude(pk__in=[each["pk"] for each in wanted]).delete()
        for each in wanted:
            pk = each["pk"] if each["pk"] > 0 else None
            one = manager.filter(pk=pk).first() or manager.model(pk=pk, **{manager.field.name: row})
            assign(one, {name: value for name, value in each.items() if name != "pk"})
    for link, keys in content.get("links", {}).items() if is_new else ():
        manager = getattr(row, link)
        manager.model._base_manager.filter(pk__in=keys, **{manager.field.name: None}).update(
            **{manager.field.name: row}
        )
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


def forget_old(*, now: datetime) -> int:
    """Delete revisions that have been kept long enough; return how many.

    The last of an object stays, and so does a draft that waits. Of what was deleted nothing stays.
    """
    applied = Revision.objects.applied().values("model", "key")
    latest = applied.annotate(last=models.Max("pk")).values("last")
    old = Revision.objects.filter(saved_at__lt=now - timedelta(days=settings.KEEP_REVISION_DAYS))
    old = old.exclude(pk__in=latest).exclude(action=Revision.Action.DRAFT)
    deleted_before = now - timedelta(days=settings.KEEP_DELETED_CONTENT_DAYS)
    gone = Revision.objects.filter(pk__in=latest, action=Revision.Action.DELETED, saved_at__lt=deleted_before)
    keys = [models.Q(model=model, key=key) for model, key in gone.values_list("model", "key")]
    return sum(rows.delete()[0] for rows in (old, *(Revision.objects.filter(key) for key in keys)))
