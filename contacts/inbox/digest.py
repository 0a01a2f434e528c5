"""The morning mail to the centre: what waits, in counts and references; nothing at all when nothing waits."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from clinic.facts import facts
from clinic.models import SignInEntry
from contacts.inbox import reports
from contacts.mail import outbox
from contacts.models import Lead


def digest(*, now: datetime) -> dict | None:
    """Return what the mail says, or None when there is nothing to say."""
    profile = facts.current()
    sign_ins = SignInEntry.objects.filter(at__gt=now - timedelta(days=1))
    said = {
        "open": reports.counted(Lead.objects.open()),
        "late": reports.late_count(profile, now=now),
        "undelivered": sum(trouble.count for trouble in reports.undelivered()),
        "going": reports.going_soon_count(now=now),
        "refusals": sign_ins.filter(event__in=SignInEntry.REFUSALS).count(),
        "changes": sign_ins.exclude(event__in=SignInEntry.NOT_CHANGES).count(),
    }
    if not any(said.values()):
        return None
    longest = reports.waiting_longest(profile, now=now)
    return said | {"references": [(lead.reference, lead.is_late) for lead in longest]}


def send(*, now: datetime) -> bool:
    """Send the digest; return whether there was one to send. Raises when the mail server does not take it."""
    said = digest(now=now)
    if said is None or outbox.missing_settings():
        return False
    with translation.override(settings.LANGUAGE_CODE):
        context = said | {"desk_url": settings.SITE_URL + reverse("admin:index")}
        subject = render_to_string("emails/digest-subject.txt", context).strip()
        body = render_to_string("emails/digest-body.txt", context)
    headers = {"Auto-Submitted": "auto-generated"}
    EmailMessage(subject, body, to=[settings.STAFF_INBOX], headers=headers).send()
    return True
