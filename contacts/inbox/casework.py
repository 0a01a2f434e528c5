"""What staff do with a lead: status, notes, owner, retention; everything is logged, nothing is overwritten."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from contacts.models import AccessEntry, Lead, LeadNote, OutboxEmail
from contacts.privacy import access_log

Status, Action = Lead.Status, AccessEntry.Action
MAX_AT_ONCE = 1000
# From each status the statuses that may follow. No automatic email changes a status.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    Status.NEW: (Status.IN_PROGRESS, Status.ANSWERED, Status.CLOSED, Status.SUSPECTED),
    Status.IN_PROGRESS: (Status.ANSWERED, Status.CLOSED, Status.NEW, Status.SUSPECTED),
    Status.ANSWERED: (Status.CLOSED, Status.IN_PROGRESS),
    Status.CLOSED: (Status.IN_PROGRESS,),
    Status.SUSPECTED: (Status.NEW,),
}
ACTION_FOR = {
    Status.IN_PROGRESS: Action.TAKEN,
    Status.ANSWERED: Action.ANSWERED,
    Status.CLOSED: Action.CLOSED,
    Status.NEW: Action.GIVEN_BACK,
    Status.SUSPECTED: Action.SPAM,
}


class StaleVersion(Exception):
    """A colleague has changed the lead since it was read."""


class TransitionNotAllowed(Exception):
    """This status may not follow the lead's status."""


def update_lead(pk: UUID, *, version: int, actor, now: datetime, to: str = "", note: str = "", **changes) -> Lead:
    """Change the status to `to`, add `note` and set `changes`, all or nothing.

    Raises StaleVersion if `version` is not the newest, TransitionNotAllowed, Lead.DoesNotExist.
    """
    with transaction.atomic():
        lead = lock(pk, version=version)
        if to:
            change_status(lead, to, actor=actor, now=now)
        if note:
            LeadNote.objects.create(lead=lead, author=actor, text=note, created_at=now)
            access_log.record(Action.NOTED, [lead.reference], actor=actor, now=now)
        for name, value in changes.items():
            setattr(lead, name, value)
        is_given = bool(changes.get("owner"))
        if is_given:
            hand_over([lead], changes["owner"], actor=actor, now=now)
        if len(changes) > is_given:
            access_log.record(Action.CHANGED, [lead.reference], actor=actor, now=now)
        lead.save(update_fields=["status", "owner", "last_contact_at", "version", *changes])
    return lead


def lock(pk: UUID, *, version: int) -> Lead:
    """Return the lead to change, with its next version (call inside a transaction, then save)."""
    lead = Lead.objects.select_for_update().get(pk=pk)
    if lead.version != version:
        raise StaleVersion
    lead.version += 1
    return lead


def change_note(note: LeadNote, *, version: int, text: str, actor, now: datetime) -> None:
    """Replace the text of `note`, or remove it if `text` is empty; the log says that it was done, not what was there.

    Raises StaleVersion, Lead.DoesNotExist.
    """
    with transaction.atomic():
        lead = lock(note.lead_id, version=version)
        if text:
            note.text = text
            note.save(update_fields=["text"])
        else:
            note.delete()
        access_log.record(Action.CORRECTED if text else Action.REMOVED, [lead.reference], actor=actor, now=now)
        lead.save(update_fields=["version"])


def hand_over(leads: list[Lead], to, *, actor, now: datetime) -> None:
    """Log that `leads` were given to the colleague `to`, and queue the emails that say so (call in a transaction)."""
    access_log.record(Action.GIVEN, [lead.reference for lead in leads], actor=actor, now=now, given_to=to)
    if to != actor and to.email:
        OutboxEmail.objects.bulk_create(
            OutboxEmail(lead=lead, kind=OutboxEmail.Kind.HANDOVER, recipient=to, created_at=now, due_at=now)
            for lead in leads
        )


def change_status(lead: Lead, to: str, *, actor, now: datetime, **entry) -> None:
    """Set status and owner and log it; "not spam" queues the emails (call inside a transaction, then save).

    `entry` are further fields of the entry in the access log.
    """
    if to not in TRANSITIONS[lead.status]:
        raise TransitionNotAllowed
    action = ACTION_FOR[Status(to)]
    if lead.status == Status.SUSPECTED:
        action = Action.NOT_SPAM
        OutboxEmail.queue(lead, now=now)
    if to == Status.IN_PROGRESS or (to == Status.ANSWERED and lead.owner is None):
        lead.owner = actor
    elif to in {Status.NEW, Status.SUSPECTED}:
        lead.owner = None
    if to == Status.ANSWERED:
        lead.last_contact_at = now
    lead.status = to
    access_log.record(action, [lead.reference], actor=actor, now=now, **entry)


def change_status_of_all(leads: QuerySet[Lead], to: str, *, actor, now: datetime) -> tuple[int, int, bool]:
    """Change up to MAX_AT_ONCE leads; return how many were changed, how many were not, and whether there are more."""
    changed = unchanged = 0
    chosen = list(leads.values_list("pk", "version")[: MAX_AT_ONCE + 1])
    for pk, version in chosen[:MAX_AT_ONCE]:
        try:
            update_lead(pk, version=version, actor=actor, now=now, to=to)
        except (StaleVersion, TransitionNotAllowed, Lead.DoesNotExist):
            unchanged += 1
        else:
            changed += 1
    return changed, unchanged, len(chosen) > MAX_AT_ONCE


def reassign(owner, to, *, actor, now: datetime) -> None:
    """Give every open lead of `owner` to the colleague `to`, or back (None): then it is new again."""
    with transaction.atomic():
        leads = list(Lead.objects.open().filter(owner=owner).select_for_update().only("reference"))
        chosen = Lead.objects.filter(pk__in=[lead.pk for lead in leads])
        if to:
            chosen.update(owner=to, version=F("version") + 1)
            hand_over(leads, to, actor=actor, now=now)
        else:
            chosen.update(owner=None, status=Status.NEW, version=F("version") + 1)
            access_log.record(Action.GIVEN_BACK, [lead.reference for lead in leads], actor=actor, now=now)
