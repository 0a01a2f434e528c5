"""The access log: who did what with which lead. Every view and command that shows or erases leads records it."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from contacts.models import AccessEntry, Lead


def of(lead: Lead) -> QuerySet[AccessEntry]:
    """Return the entries of `lead`; older entries with its reference belong to an erased lead."""
    return AccessEntry.objects.filter(reference=lead.reference, at__gte=lead.created_at)


def record(action: AccessEntry.Action, references: Iterable[str], *, actor=None, now: datetime) -> None:
    """Add one entry for each reference (an empty reference: a search found nothing)."""
    AccessEntry.objects.bulk_create(
        AccessEntry(actor=actor, action=action, reference=reference, at=now) for reference in references
    )
