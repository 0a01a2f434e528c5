"""Leads for tests, made by the site's own intake."""

from datetime import datetime

from django.utils import timezone

from contacts.intake import receive
from contacts.models import Lead


def rome(*moment: int) -> datetime:
    """Return a moment on Rome's clocks: rome(2026, 3, 29, 23, 30)."""
    return datetime(*moment, tzinfo=timezone.get_default_timezone())


def make_lead(email="anna@example.org", *, now=None, status=None, keep_until=None, **changes) -> Lead:
    """Return a stored lead; its message is its own unless told, so that no two of them are one request."""
    request = {
        "name": "Anna Rossi",
        "message": f"message {Lead.objects.count()}",
        "language": "it",
        "form": "contact",
    }
    lead = receive.receive(email=email, now=now or timezone.now(), **request | changes)
    if status or keep_until:
        lead.status = status or lead.status
        lead.keep_until, lead.keep_reason = keep_until, Lead.KeepReason.VISIT if keep_until else ""
        lead.save()
    return lead
