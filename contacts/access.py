"""Writes down who did what with which lead: every door to personal data calls this."""

from collections.abc import Iterable
from datetime import datetime

from contacts.models import AccessEntry


def record(action: AccessEntry.Action, references: Iterable[str], *, actor=None, now: datetime) -> None:
    """Add one entry for each reference (an empty one says that nothing was found)."""
    AccessEntry.objects.bulk_create(
        AccessEntry(actor=actor, action=action, reference=reference, at=now) for reference in references
    )
