"""The daily email to the centre: counts and references of what needs attention; none when all counts are zero."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.facts import facts
from clinic.models import SignInEntry
from contacts.inbox import reports
from contacts.mail import messages, outbox
from contacts.models import Lead

log = logging.getLogger(__name__)


def digest(*, now: datetime) -> dict | None:
    """Return the context of the template, or None when all counts are zero."""
    profile, refused, suspected = facts.current(), reports.refused_addresses(), reports.suspected()
    sign_ins = SignInEntry.objects.filter(at__gt=now - timedelta(days=1))
    counts = {
        "open": reports.counted(Lead.objects.our_turn(now=now)),
        "late": reports.late_count(profile, now=now),
        "undelivered": sum(group.count for group in reports.undelivered()),
        "refused": len(refused),
        "suspected": suspected.count,
        "expiring": reports.expiring_count(now=now),
        "refusals": sign_ins.filter(event__in=SignInEntry.REFUSALS).count(),
        "changes": sign_ins.exclude(event__in=SignInEntry.NOT_CHANGES).count(),
    }
    if not any(counts.values()):
        return None
    waiting = reports.waiting_longest(profile, now=now)
    return counts | {
        "new": reports.counted(Lead.objects.filter(status=Lead.Status.NEW)),
        "assigned": reports.assigned(now=now),
        "patients_turn": reports.counted(Lead.objects.patients_turn(now=now)),
        "waiting": [(lead, messages.lead_url(lead.pk)) for lead in waiting],
        "refused_leads": [(lead, messages.lead_url(lead.pk)) for lead in refused[: reports.SHOWN]],
        "suspected_since": suspected.since,
    }


def subject(content: dict) -> str:
    """Return the subject: each count that is not zero, in words."""
    words = {
        "open": ngettext(
            "%(count)s lead waiting for an answer", "%(count)s leads waiting for an answer", content["open"]
        ),
        "undelivered": ngettext("%(count)s email undelivered", "%(count)s emails undelivered", content["undelivered"]),
        "refused": ngettext("%(count)s address refused", "%(count)s addresses refused", content["refused"]),
        "suspected": ngettext("%(count)s suspected spam", "%(count)s suspected spam", content["suspected"]),
        "expiring": ngettext(
            "%(count)s lead to be erased within 14 days",
            "%(count)s leads to be erased within 14 days",
            content["expiring"],
        ),
    }
    parts = [text % {"count": content[name]} for name, text in words.items() if content[name]]
    return f"{_('Desk')}: {', '.join(parts) or _('sign-ins refused or accounts changed')}"


def send(*, now: datetime) -> bool:
    """Send the digest to each address of the centre; return whether there was one. Raises if none accepts it."""
    content = digest(now=now)
    if content is None or outbox.missing_settings():
        return False
    with translation.override(settings.LANGUAGE_CODE):
        desk_url = settings.SITE_URL + reverse("admin:index")
        about, body = subject(content), render_to_string("emails/digest-body.txt", content | {"desk_url": desk_url})
    headers, errors = {"Auto-Submitted": "auto-generated"}, []
    inboxes = messages.staff_inboxes()
    for inbox in inboxes:
        try:
            EmailMessage(about, body, to=[inbox], headers=headers).send()
        except OSError as error:
            log.warning("digest not sent", extra={"reason": outbox.classify_error(error)[1]})
            errors.append(error)
    if len(errors) == len(inboxes):
        raise errors[0]
    return True
