"""Publishes drafts at their date (called by the worker)."""

from datetime import datetime

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic.models import ContentVersion
from clinic.models.revisions import Revision, restore, snapshot


def publish_due(*, now: datetime) -> int:
    """Publish the drafts whose date has come; return how many.

    A draft whose object was saved or deleted since, or that cannot be saved, stays; the home of the desk says so.
    """
    due = Revision.objects.filter(action=Revision.Action.DRAFT, publish_at__lte=now).values_list("pk", flat=True)
    return sum(publish(pk, now=now) for pk in list(due))


def publish(pk: int, *, now: datetime) -> bool:
    try:
        with transaction.atomic():
            return publish_locked(pk, now=now)
    except (LookupError, ValidationError, IntegrityError):
        return False


def publish_locked(pk: int, *, now: datetime) -> bool:
    """Publish one draft under the lock that the forms of its object take too, so that it happens once."""
    due = Revision.objects.filter(pk=pk, action=Revision.Action.DRAFT, publish_at__lte=now)
    if not (draft := due.first()):
        return False
    model, parts = apps.get_model(draft.model), list(draft.content["parts"])
    row = model._base_manager.select_for_update().filter(pk=draft.key).first()
    if row is None or not due.exists() or snapshot(row, parts) != draft.base:
        return False
    row = restore(model, draft.key, draft.content)
    after = snapshot(row, parts)
    Revision.record_change(row, Revision.Action.PUBLISHED, draft.base, after, author=draft.author, now=now)
    draft.delete()
    ContentVersion.bump()
    return True
