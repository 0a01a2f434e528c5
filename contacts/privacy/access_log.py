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


def record_erasure(action: AccessEntry.Action, leads: Iterable[Lead], *, actor=None, now: datetime) -> None:
    """Add one entry for each lead that is erased, by which a link to it can still be explained."""
    AccessEntry.objects.bulk_create(
        AccessEntry(actor=actor, action=action, reference=lead.reference, erased_lead=lead.pk, at=now) for lead in leads
    )


def erasures() -> QuerySet[AccessEntry]:
    """Return the entries that say which lead was erased, newest first."""
    return AccessEntry.objects.filter(action__in=AccessEntry.ERASURES).select_related("actor")
