"""The mails that a lead causes: written when they leave, so that no address and no text waits anywhere."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from clinic.facts import facts
from contacts.models import OutboxEmail
from contacts.privacy import withdrawals


def write(mail: OutboxEmail) -> EmailMultiAlternatives:
    """Return the message to the one person `mail` is for, in their language."""
    if mail.kind == OutboxEmail.Kind.PATIENT:
        return to_patient(mail)
    return to_staff(mail)


def to_patient(mail: OutboxEmail) -> EmailMultiAlternatives:
    """Reference and link to take the request back; nothing of what was typed."""
    lead, clinic = mail.lead, facts.current()
    with translation.override(lead.language):
        withdraw = reverse("contacts:withdraw", args=[withdrawals.token(lead.pk)])
        context = {"reference": lead.reference, "clinic": clinic, "withdraw_url": settings.SITE_URL + withdraw}
        message = compose("patient", context, mail)
    message.to = [lead.email]
    message.reply_to = [clinic.email] if clinic.email else []
    return message


def to_staff(mail: OutboxEmail) -> EmailMultiAlternatives:
    """Only that something waits: no name, no word about health."""
    with translation.override(settings.LANGUAGE_CODE):
        desk_url = settings.SITE_URL + reverse("admin:index")
        message = compose("staff", {"reference": mail.lead.reference, "desk_url": desk_url}, mail)
    message.to = [settings.STAFF_INBOX]
    return message


def compose(name: str, context: dict, mail: OutboxEmail) -> EmailMultiAlternatives:
    """Return message `name` from its three templates; the same row always gives the same Message-ID."""
    subject = render_to_string(f"emails/{name}-subject.txt", context).strip()
    headers = {
        "Message-ID": f"<{mail.message_id}@{urlsplit(settings.SITE_URL).hostname}>",
        "Auto-Submitted": "auto-generated",
    }
    message = EmailMultiAlternatives(subject, render_to_string(f"emails/{name}-body.txt", context), headers=headers)
    message.attach_alternative(render_to_string(f"emails/{name}-body.html", context), "text/html")
    return message
