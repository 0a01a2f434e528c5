"""Finds everything that is stored about one person by their address, and makes the copy for them."""

from datetime import datetime
from typing import cast

from django.utils.translation import override

from contacts import addresses
from contacts.models import Lead
from contacts.privacy import access_log, retention
from questionnaire.content import wording
from questionnaire.models import Question


def leads_of(address: str) -> tuple[list[Lead], list[Lead]]:
    """Return the leads of this address (case-insensitive), and those of its variants with another +tag."""
    wanted = addresses.normalise(address)
    same_digest = Lead.objects.filter(email_digest=addresses.digest(address))
    found = same_digest.select_related("consent").prefetch_related("notes__email", "emails__note")
    exact = [lead for lead in found if addresses.normalise(lead.email) == wanted]
    return exact, [lead for lead in found if lead not in exact]


def copy_of_person(leads: list[Lead], *, now: datetime) -> dict:
    """Return everything stored with `leads`, oldest first, each in its own language (GDPR Art. 15 and 20)."""
    return {"made_at": now, "requests": [copy_of(lead) for lead in sorted(leads, key=lambda lead: lead.created_at)]}


def copy_of(lead: Lead) -> dict:
    with override(lead.language):
        return {
            "reference": lead.reference,
            "received": lead.created_at,
            "language": lead.get_language_display(),
            "sent_from_page": lead.source_page,
            "email": lead.email,
            "name": lead.name,
            "phone": lead.phone,
            "message": lead.message,
            "answers": [{"question": question, "is_yes": is_yes} for question, is_yes in answers(lead)],
            "outcome": lead.get_outcome_display(),
            "status": lead.get_status_display(),
            "last_contact": lead.last_contact_at,
            "erased_on": retention.erased_on(lead),
            "kept_longer_because": lead.get_keep_reason_display(),
            "address_refused_by_its_server": lead.address_refused,
            "consent": consent_of(lead),
            "notes": [
                {"written": note.created_at, "text": note.text} for note in lead.notes.all() if not note.is_reply
            ],
            "replies": [
                {"written": mail.created_at, "sent": mail.sent_at, "text": mail.note.text}
                for mail in lead.emails.all()
                if mail.note
            ],
            "mails": [
                {"what": mail.get_kind_display(), "written": mail.created_at, "sent": mail.sent_at}
                for mail in lead.emails.all()
                if not mail.note
            ],
            # Without the colleague: staff names are not the person's data.
            "accesses": [
                {"at": entry.at, "what": entry.get_action_display()}
                for entry in access_log.of(lead).order_by("at", "pk")
            ],
        }


def consent_of(lead: Lead) -> dict:
    consent = lead.consent
    return {
        "text": consent.text,
        "purpose": consent.get_purpose_display(),
        "version": consent.version,
        "form": consent.get_form_display(),
        "given": consent.given_at,
    }


def answers(lead: Lead) -> list[tuple[str, bool]]:
    """Return (question, answer) in the language in which the patient was asked."""
    if lead.answers is None:
        return []
    asked, given = wording.current(), cast(dict[str, bool], lead.answers)
    return [(getattr(asked[Question, key], f"text_{lead.language}"), answer) for key, answer in given.items()]
