"""The daily email to the centre: counts and references of what needs attention; none when all counts are zero."""

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
    """Return the context of the templates, or None when all counts are zero."""
    profile = facts.current()
    sign_ins = SignInEntry.objects.filter(at__gt=now - timedelta(days=1))
    counts = {
        "open": reports.counted(Lead.objects.open()),
        "late": reports.late_count(profile, now=now),
        "undelivered": sum(group.count for group in reports.undelivered()),
        "expiring": reports.expiring_count(now=now),
        "refusals": sign_ins.filter(event__in=SignInEntry.REFUSALS).count(),
        "changes": sign_ins.exclude(event__in=SignInEntry.NOT_CHANGES).count(),
    }
    if not any(counts.values()):
        return None
    leads = reports.waiting_longest(profile, now=now)
    return counts | {"references": [(lead.reference, lead.is_late) for lead in leads]}


def send(*, now: datetime) -> bool:
    """Send the digest; return whether there was one. Raises if the mail server does not accept it."""
    content = digest(now=now)
    if content is None or outbox.missing_settings():
        return False
    with translation.override(settings.LANGUAGE_CODE):
        context = content | {"desk_url": settings.SITE_URL + reverse("admin:index")}
        subject = render_to_string("emails/digest-subject.txt", context).strip()
        body = render_to_string("emails/digest-body.txt", context)
    headers = {"Auto-Submitted": "auto-generated"}
    EmailMessage(subject, body, to=[settings.STAFF_INBOX], headers=headers).send()
    return True
