"""The daily email to the centre: counts and references of what needs attention; none when all counts are zero."""

import logging
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from clinic.facts import facts
from contacts.inbox import reports
from contacts.mail import messages, outbox
from contacts.models import Lead

log = logging.getLogger(__name__)


def digest(*, now: datetime) -> dict | None:
    """Return the context of the templates, or None when all counts are zero."""
    profile, refused = facts.current(), reports.refused_addresses()
    counts = {
        "open": reports.counted(Lead.objects.open()),
        "late": reports.late_count(profile, now=now),
        "undelivered": sum(group.count for group in reports.undelivered()),
        "refused": len(refused),
        "suspected": reports.suspected(now=now).count,
        "expiring": reports.expiring_count(now=now),
    }
    if not any(counts.values()):
        return None
    leads = reports.waiting_longest(profile, now=now)
    return counts | {"references": [(lead.reference, lead.is_late) for lead in leads]}


def send(*, now: datetime) -> bool:
    """Send the digest to each address of the centre; return whether there was one. Raises if none accepts it."""
    content = digest(now=now)
    if content is None or outbox.missing_settings():
        return False
    with translation.override(settings.LANGUAGE_CODE):
        context = content | {"desk_url": settings.SITE_URL + reverse("admin:index")}
        subject = render_to_string("emails/digest-subject.txt", context).strip()
        body = render_to_string("emails/digest-body.txt", context)
    headers, errors = {"Auto-Submitted": "auto-generated"}, []
    inboxes = messages.staff_inboxes()
    for inbox in inboxes:
        try:
            EmailMessage(subject, body, to=[inbox], headers=headers).send()
        except OSError as error:
            log.warning("digest not sent", extra={"reason": outbox.classify_error(error)[1]})
            errors.append(error)
    if len(errors) == len(inboxes):
        raise errors[0]
    return True
