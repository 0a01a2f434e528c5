"""Leads for tests, stored by the site's own intake."""

from datetime import datetime
from secrets import token_hex

from django.utils import timezone

from contacts.intake.receive import NewRequest, receive
from contacts.models import Lead


def rome(*moment: int) -> datetime:
    """Return a moment on Rome's clocks: rome(2026, 3, 29, 23, 30)."""
    return datetime(*moment, tzinfo=timezone.get_default_timezone())


def make_lead(
    email="anna@example.org", *, now=None, status=None, keep_until=None, is_suspected=False, **changes
) -> Lead:
    """Return a stored lead; without `message` it has one of its own, so that no two are the same request."""
    request = {
        "name": "Anna Rossi",
        "message": f"message {token_hex(4)}",
        "language": "it",
        "honeypot": "filled in" if is_suspected else "",
    }
    lead = receive(NewRequest(email=email, **request | changes), now=now or timezone.now())
    if status or keep_until:
        lead.status = status or lead.status
        lead.keep_until, lead.keep_reason = keep_until, Lead.KeepReason.VISIT if keep_until else ""
        lead.save()
    return lead
