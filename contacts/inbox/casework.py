"""What staff do with a lead: the moves that make sense, notes, hand-over; all written down, nothing written over."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from contacts.intake import receive
from contacts.models import AccessEntry, Lead, LeadNote
from contacts.privacy import access_log

Status, Action = Lead.Status, AccessEntry.Action
MOST_AT_ONCE = 1000
# From each status the moves that make sense. No mail that leaves by itself ever makes one.
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


class Stale(Exception):
    """A colleague has changed the lead since it was read."""


class NotAllowed(Exception):
    """The lead's status has no such move."""


def update_lead(pk: UUID, *, version: int, actor, now: datetime, to: str = "", note: str = "", **changes) -> Lead:
    """Make the move, add the note and set the other fields, all or nothing; Stale when `version` is not the newest."""
    with transaction.atomic():
        lead = Lead.objects.select_for_update().get(pk=pk)
        if lead.version != version:
            raise Stale
        if to:
            move(lead, to, actor=actor, now=now)
        if note:
            LeadNote.objects.create(lead=lead, author=actor, text=note, created_at=now)
            access_log.record(Action.NOTED, [lead.reference], actor=actor, now=now)
        if changes:
            for name, value in changes.items():
                setattr(lead, name, value)
            access_log.record(Action.CHANGED, [lead.reference], actor=actor, now=now)
        lead.version = version + 1
        lead.save(update_fields=["status", "owner", "last_contact_at", "version", *changes])
    return lead


def move(lead: Lead, to: str, *, actor, now: datetime) -> None:
    """Put `lead` into status `to` in memory and write it down (call inside a transaction, then save)."""
    if to not in TRANSITIONS[lead.status]:
        raise NotAllowed
    told_as = ACTION_FOR[Status(to)]
    if lead.status == Status.SUSPECTED:
        told_as = Action.NOT_SPAM
        receive.accept(lead, now=now)
    if to == Status.IN_PROGRESS or (to == Status.ANSWERED and lead.owner is None):
        lead.owner = actor
    elif to in {Status.NEW, Status.SUSPECTED}:
        lead.owner = None
    if to == Status.ANSWERED:
        lead.last_contact_at = now
    lead.status = to
    access_log.record(told_as, [lead.reference], actor=actor, now=now)


def move_all(leads: QuerySet[Lead], to: str, *, actor, now: datetime) -> tuple[int, int, bool]:
    """Move what can be moved, MOST_AT_ONCE; return how many moved, how many stayed, and whether there are more."""
    moved = stayed = 0
    chosen = list(leads.values_list("pk", "version")[: MOST_AT_ONCE + 1])
    for pk, version in chosen[:MOST_AT_ONCE]:
        try:
            update_lead(pk, version=version, actor=actor, now=now, to=to)
        except (Stale, NotAllowed, Lead.DoesNotExist):
            stayed += 1
        else:
            moved += 1
    return moved, stayed, len(chosen) > MOST_AT_ONCE


def reassign(owner, to, *, actor, now: datetime) -> None:
    """Give every open lead of `owner` to the colleague `to`, or to nobody yet (None)."""
    with transaction.atomic():
        leads = Lead.objects.open().filter(owner=owner).select_for_update()
        references = dict(leads.values_list("pk", "reference"))
        Lead.objects.filter(pk__in=references).update(owner=to, version=F("version") + 1)
        access_log.record(Action.CHANGED, references.values(), actor=actor, now=now)
