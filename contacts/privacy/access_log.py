"""The access log: who did what with which lead. Every view and command that shows or erases leads records it."""

from collections.abc import Iterable
from datetime import datetime
from itertools import zip_longest
from uuid import UUID

from django.db.models import QuerySet

from clinic.encryption.fields import keyed_digest
from contacts.models import AccessEntry, Lead


def of(lead: Lead) -> QuerySet[AccessEntry]:
    """Return the entries of `lead`; older entries with its reference belong to an erased lead."""
    return AccessEntry.objects.filter(reference=lead.reference, at__gte=lead.created_at)


def record(
    action: AccessEntry.Action,
    references: Iterable[str],
    *,
    actor=None,
    now: datetime,
    erased: Iterable[UUID | None] = (),
    **more,
) -> None:
    """Add one entry for each reference (an empty reference: a search found nothing).

    `erased` are the ids of the erased leads, in the order of `references`: their digests explain links to these.
    `more` are other fields of the entries.
    """
    AccessEntry.objects.bulk_create(
        AccessEntry(
            actor=actor,
            action=action,
            reference=reference,
            at=now,
            erased_lead=lead_id and erased_lead_digest(lead_id),
            **more,
        )
        for reference, lead_id in zip_longest(references, erased)
    )


def erased_lead_digest(lead_id: UUID) -> UUID:
    """Return what the access log keeps of the id of an erased lead: it recognises the id and does not tell it."""
    return UUID(keyed_digest("erased lead", lead_id.hex)[:32])


def erasures() -> QuerySet[AccessEntry]:
    """Return the entries that say which lead was erased, newest first."""
    return AccessEntry.objects.filter(action__in=AccessEntry.ERASURES).select_related("actor")
