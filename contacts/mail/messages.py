"""Makes the emails of a lead when they are sent, so that the outbox stores no address and no text."""

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from clinic.facts import facts
from contacts import addresses
from contacts.models import OutboxEmail
from contacts.privacy import withdrawals


def staff_inboxes() -> list[str]:
    """Return the addresses of the centre, each of which gets its own email."""
    return addresses.several(settings.STAFF_INBOX)


def lead_url(pk: UUID) -> str:
    """Return the address of the lead on the desk, which asks for the sign-in first."""
    return settings.SITE_URL + reverse("admin:contacts_lead_change", args=[pk])


def make(mail: OutboxEmail) -> EmailMultiAlternatives:
    """Return the message to the one recipient of `mail`, in their language."""
    return MAKERS[OutboxEmail.Kind(mail.kind)](mail)


def to_patient(mail: OutboxEmail) -> EmailMultiAlternatives:
    """Return the message with reference and withdrawal link; it contains nothing that the patient typed."""
    lead, clinic = mail.lead, facts.current()
    with translation.override(lead.language):
        withdraw = reverse("contacts:withdraw", args=[withdrawals.token(lead.pk)])
        context = {"reference": lead.reference, "clinic": clinic, "withdraw_url": settings.SITE_URL + withdraw}
        message = compose("patient", context, mail)
    message.to = [addresses.clean(lead.email)]
    message.reply_to = [clinic.email] if clinic.email else []
    return message


def reply(mail: OutboxEmail) -> EmailMultiAlternatives:
    """Return the text that a colleague wrote to the patient; answers to it go to the centre's inbox."""
    lead = mail.lead
    with translation.override(lead.language):
        text = mail.note.text  # type: ignore[union-attr]
        message = compose("reply", {"reference": lead.reference, "text": text}, mail)
    del message.extra_headers["Auto-Submitted"]
    message.to, message.reply_to = [addresses.clean(lead.email)], staff_inboxes()[:1]
    return message


def to_staff(mail: OutboxEmail) -> EmailMultiAlternatives:
    """Return the message to the centre: reference and link to the lead; no name, nothing about health."""
    message = about_lead("staff", mail)
    message.to = [staff_inboxes()[mail.inbox]]
    return message


def to_colleague(mail: OutboxEmail) -> EmailMultiAlternatives:
    """Return the message to the colleague who was given the lead, with the same content."""
    message = about_lead("handover", mail)
    message.to = [mail.recipient.email]  # type: ignore[union-attr]
    return message


def about_lead(name: str, mail: OutboxEmail) -> EmailMultiAlternatives:
    with translation.override(settings.LANGUAGE_CODE):
        return compose(name, {"reference": mail.lead.reference, "lead_url": lead_url(mail.lead_id)}, mail)


def compose(name: str, context: dict, mail: OutboxEmail) -> EmailMultiAlternatives:
    """Return message `name` from its three templates; one outbox row always has the same Message-ID."""
    subject = render_to_string(f"emails/{name}-subject.txt", context).strip()
    headers = {
        "Message-ID": f"<{mail.message_id}@{urlsplit(settings.SITE_URL).hostname}>",
        "Auto-Submitted": "auto-generated",
    }
    message = EmailMultiAlternatives(subject, render_to_string(f"emails/{name}-body.txt", context), headers=headers)
    message.attach_alternative(render_to_string(f"emails/{name}-body.html", context), "text/html")
    return message


MAKERS = {
    OutboxEmail.Kind.STAFF: to_staff,
    OutboxEmail.Kind.PATIENT: to_patient,
    OutboxEmail.Kind.REPLY: reply,
    OutboxEmail.Kind.HANDOVER: to_colleague,
}
