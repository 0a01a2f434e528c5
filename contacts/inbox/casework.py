"""What staff do with one lead: status, notes, owner, retention; everything is logged, nothing is overwritten."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from clinic.facts import facts
from contacts.inbox.working_time import WorkingTime
from contacts.models import AccessEntry, Lead, LeadNote, OutboxEmail
from contacts.privacy import access_log

Status, Action = Lead.Status, AccessEntry.Action
# From each status the statuses that may follow. No automatic email changes a status.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    Status.NEW: (Status.IN_PROGRESS, Status.ANSWERED, Status.CLOSED, Status.SUSPECTED),
    Status.IN_PROGRESS: (Status.ANSWERED, Status.CLOSED, Status.NEW, Status.SUSPECTED),
    Status.ANSWERED: (Status.CLOSED, Status.IN_PROGRESS),
    Status.CLOSED: (Status.IN_PROGRESS,),
    Status.SUSPECTED: (Status.NEW, Status.SUSPECTED),
}
ACTION_FOR = {
    Status.IN_PROGRESS: Action.TAKEN,
    Status.ANSWERED: Action.ANSWERED,
    Status.CLOSED: Action.CLOSED,
    Status.NEW: Action.GIVEN_BACK,
    Status.SUSPECTED: Action.SPAM,
}
# What a change sets, and undo() sets back.
STATE = ("status", "owner_id", "our_turn_since", "last_contact_at", "keep_until", "keep_reason")


class StaleVersion(Exception):
    """A colleague has changed the lead since it was read."""


class TransitionNotAllowed(Exception):
    """This status may not follow the lead's status."""


def update_lead(
    pk: UUID,
    *,
    version: int,
    actor,
    now: datetime,
    to: str = "",
    wait_until: date | None = None,
    note: str = "",
    **changes,
) -> Lead:
    """Change the status to `to`, wait for the patient until a day, add `note` and set `changes`, all or nothing.

    Raises StaleVersion if `version` is not the newest, TransitionNotAllowed, Lead.DoesNotExist.
    """
    with transaction.atomic():
        lead = lock(pk, version=version)
        if to:
            change_status(lead, to, actor=actor, now=now)
        if wait_until:
            wait_for_patient(lead, wait_until, actor=actor, now=now)
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
        lead.save(update_fields=["status", "owner", "our_turn_since", "last_contact_at", "version", *changes])
    return lead


def lock(pk: UUID, *, version: int) -> Lead:
    """Return the lead to change, with its next version and its state `before` (inside a transaction; then save)."""
    lead = Lead.objects.select_for_update().get(pk=pk)
    if lead.version != version:
        raise StaleVersion
    lead.version += 1
    lead.before = state_of(lead)
    return lead


def state_of(lead: Lead) -> dict:
    """Return the state of `lead` as JSON can hold it: dates as text, since Django's JSON cuts microseconds."""
    state = {name: getattr(lead, name) for name in STATE}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in state.items()}


def set_state(lead: Lead, state: dict) -> None:
    """Set what state_of() has returned (save afterwards)."""
    for name in STATE:
        setattr(lead, name, Lead._meta.get_field(name).to_python(state[name]))  # type: ignore[union-attr]


def undo(pk: UUID, *, version: int, before: dict, actor, now: datetime) -> None:
    """Set the state back to what it was `before`, unless the lead was changed since (StaleVersion); notes stay."""
    with transaction.atomic():
        lead = lock(pk, version=version)
        set_state(lead, before)
        access_log.record(Action.UNDONE, [lead.reference], actor=actor, now=now)
        lead.save(update_fields=["version", *STATE])


def transitions(lead: Lead, *, now: datetime) -> tuple[str, ...]:
    """Return the statuses that may follow; a lead that waits for the patient may be taken back, spam is judged once."""
    if lead.our_turn_since is None:
        return (Status.NEW,)
    is_waiting = lead.status == Status.IN_PROGRESS and lead.our_turn_since > now
    return (Status.IN_PROGRESS,) * is_waiting + TRANSITIONS[lead.status]


def wait_for_patient(lead: Lead, until: date, *, actor, now: datetime) -> None:
    """Make it the patient's turn; on the morning of `until` it is ours again (call inside a transaction, then save)."""
    if lead.status == Status.SUSPECTED:
        raise TransitionNotAllowed
    lead.status, lead.owner = Status.IN_PROGRESS, lead.owner or actor
    lead.our_turn_since = WorkingTime.of(facts.current()).first_opening(until)
    lead.last_contact_at = now
    access_log.record(Action.WAITING, [lead.reference], actor=actor, now=now)


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
    if to not in transitions(lead, now=now):
        raise TransitionNotAllowed
    action = ACTION_FOR[Status(to)]
    if lead.status == Status.SUSPECTED and to == Status.NEW:
        action = Action.NOT_SPAM
        OutboxEmail.queue(lead, now=now)
    if to == Status.IN_PROGRESS or (to == Status.ANSWERED and lead.owner is None):
        lead.owner = actor
    elif to in {Status.NEW, Status.SUSPECTED}:
        lead.owner = None
    if to == Status.ANSWERED:
        lead.last_contact_at = now
    if to == Status.SUSPECTED:
        lead.our_turn_since = None
    elif lead.status in {Status.ANSWERED, Status.CLOSED} or not lead.our_turn_since or lead.our_turn_since > now:
        lead.our_turn_since = now
    lead.status = to
    access_log.record(action, [lead.reference], actor=actor, now=now, **entry)
