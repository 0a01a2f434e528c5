"""What staff write to a patient: replies, sent or taken back, and the address that they go to."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from contacts import addresses
from contacts.inbox import casework
from contacts.inbox.casework import STATE, TransitionNotAllowed
from contacts.models import AccessEntry, Lead, LeadNote, OutboxEmail
from contacts.privacy import access_log

Status, Action, Kind = Lead.Status, AccessEntry.Action, OutboxEmail.Kind
# For so long a reply can be taken back.
HOLD = timedelta(seconds=10)


class TooLate(Exception):
    """The reply was sent, or is being sent."""


def send_reply(pk: UUID, *, version: int, text: str, also: list[UUID], actor, now: datetime) -> OutboxEmail:
    """Queue `text` as a reply and mark the lead answered, and with it those of `also` that are open, all or nothing.

    Raises StaleVersion, TransitionNotAllowed (suspected spam is not written to), Lead.DoesNotExist.
    """
    with transaction.atomic():
        # Locked in one order: a colleague may answer another of these leads at this moment.
        list(Lead.objects.select_for_update().filter(pk__in=[pk, *also]).order_by("pk").only("pk"))
        lead = casework.lock(pk, version=version)
        if lead.status == Status.SUSPECTED:
            raise TransitionNotAllowed
        others = Lead.objects.open().filter(pk__in=also, email_digest=lead.email_digest).exclude(pk=pk)
        before = mark_answered(lead, actor=actor, now=now)
        for other in others:
            other.version += 1
            before |= mark_answered(other, actor=actor, now=now, answered_with=lead.reference)
        access_log.record(Action.REPLIED, [lead.reference], actor=actor, now=now)
        note = LeadNote.objects.create(lead=lead, author=actor, text=text, created_at=now)
        return OutboxEmail.objects.create(
            lead=lead, kind=Kind.REPLY, note=note, before=before, created_at=now, due_at=now + HOLD
        )


def mark_answered(lead: Lead, *, actor, now: datetime, **entry) -> dict:
    """Mark `lead` answered, if it may be, and save it; return {its id: how it was before}."""
    before = casework.state_of(lead) | {"version": lead.version}
    if Status.ANSWERED in casework.transitions(lead, now=now):
        casework.change_status(lead, Status.ANSWERED, actor=actor, now=now, **entry)
    lead.last_contact_at = now
    lead.save(update_fields=["version", *STATE])
    return {str(lead.pk): before}


def take_back(pk: UUID, reply: int, *, actor, now: datetime) -> str:
    """Delete a reply of lead `pk` that has not left and restore its leads; return its text. Raises TooLate."""
    with transaction.atomic():
        note = LeadNote.objects.select_related("email").filter(lead=pk, email=reply).first()
        if note is None:
            raise TooLate
        before = note.email.before or {}
        leads = list(Lead.objects.select_for_update().filter(pk__in=before).order_by("pk"))
        # A worker may have claimed it by now. After a first attempt nobody knows whether it has arrived.
        waiting = OutboxEmail.objects.filter(pk=reply, sent_at=None, claimed_until=None, attempts=0)
        if not waiting.delete()[0]:
            raise TooLate
        note.delete()
        for lead in leads:
            restore(lead, before[str(lead.pk)], reply=reply)
        access_log.record(Action.TAKEN_BACK, [lead.reference for lead in leads], actor=actor, now=now)
    return note.text


def restore(lead: Lead, before: dict, *, reply: int) -> None:
    """Set `lead` to how it was before the reply; if it was changed since, only when the reply had made it answered.

    A later reply keeps the lead answered; if that one is taken back too, the lead is as before the first.
    """
    key = str(lead.pk)
    later = OutboxEmail.objects.filter(Q(lead=lead) | Q(before__has_key=key), kind=Kind.REPLY, pk__gt=reply).first()
    is_answered_by_reply = lead.status == Status.ANSWERED != before["status"]
    if later:
        states = later.before or {}
        if key in states and states[key]["status"] == Status.ANSWERED:
            states[key] = before | {"version": states[key]["version"]}
            OutboxEmail.objects.filter(pk=later.pk, sent_at=None).update(before=states)
    elif lead.version == before["version"] or is_answered_by_reply:
        casework.set_state(lead, before)
    lead.version += 1
    lead.save(update_fields=["version", *STATE])


@transaction.atomic
def mark_refused(lead: Lead, *, actor, now: datetime) -> None:
    """Mark the address of `lead` as one from which an email came back."""
    if Lead.objects.filter(pk=lead.pk, address_refused=False).update(address_refused=True):
        access_log.record(Action.RETURNED, [lead.reference], actor=actor, now=now)


def correct_address(pk: UUID, *, version: int, email: str, actor, now: datetime) -> Lead:
    """Replace the address of the lead; the confirmation is sent again, and replies that have not arrived go there."""
    with transaction.atomic():
        lead = casework.lock(pk, version=version)
        lead.email, lead.email_digest, lead.address_refused = email, addresses.digest(email), False
        lead.save(update_fields=["email", "email_digest", "address_refused", "version"])
        access_log.record(Action.READDRESSED, [lead.reference], actor=actor, now=now)
        # New rows: a worker may have the old ones in hand, and its result is about the old address.
        mails = lead.emails.filter(kind__in=OutboxEmail.TO_PATIENT)
        unsent = list(mails.filter(kind=Kind.REPLY, sent_at=None).values("kind", "note_id", "before"))
        mails.exclude(kind=Kind.REPLY, sent_at__isnull=False).delete()
        for row in [{"kind": Kind.PATIENT}, *unsent]:
            OutboxEmail.objects.create(lead=lead, created_at=now, due_at=now, **row)
    return lead
