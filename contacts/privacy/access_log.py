"""Writes down who did what with which lead: every door to personal data calls this."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from contacts.models import AccessEntry, Lead


def of(lead: Lead) -> QuerySet[AccessEntry]:
    """Return the entries of `lead`: older ones are of an erased lead, whose reference was free again."""
    return AccessEntry.objects.filter(reference=lead.reference, at__gte=lead.created_at)


def record(action: AccessEntry.Action, references: Iterable[str], *, actor=None, now: datetime) -> None:
    """Add one entry for each reference (an empty one says that nothing was found)."""
    AccessEntry.objects.bulk_create(
        AccessEntry(actor=actor, action=action, reference=reference, at=now) for reference in references
    )
