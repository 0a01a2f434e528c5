"""Erases leads permanently, and logs their random ids so that a restore erases them again."""

import logging
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from clinic.database.lock_timeout import short_wait
from contacts.models import AccessEntry, Arrival, Consent, Lead
from contacts.privacy import access_log

Action = AccessEntry.Action
log = logging.getLogger(__name__)
# Whole entries only: a partial line, left by a crash, belongs to an erasure that was not committed.
ENTRY = re.compile(rf"([0-9a-f-]{{36}}) ({Action.ERASED}|{Action.WITHDRAWN}|{Action.EXPIRED}) (\S+)\n")


@dataclass(frozen=True)
class Receipt:
    """What an erasure deleted, without anything about the person."""

    at: datetime
    references: list[str]
    notes: int = 0
    mails: int = 0


def erase(leads: QuerySet[Lead], *, action: Action, actor=None, now: datetime) -> Receipt:
    """Erase `leads` with their notes and emails: on SQLite no bytes of them stay in the database's files.

    PostgreSQL keeps ciphertext in dead rows and its log until vacuum and log rotation (docs/privacy.md).
    """
    receipt = delete(leads, action=action, actor=actor, now=now)
    empty_wal()
    return receipt


def delete(leads: QuerySet[Lead], *, action: Action, actor=None, now: datetime, is_logged=True) -> Receipt:
    """Delete `leads`; their consents stay without a lead, and the access log keeps the references."""
    with transaction.atomic():
        # Evaluated once: a sliced queryset may return other leads the second time. No encrypted field is loaded, so
        # that leads can be erased although a key is lost.
        locked = list(leads.select_for_update().only("pk", "reference", "fingerprint"))
        if not locked:
            return Receipt(now, [])
        ids, references = [lead.pk for lead in locked], [lead.reference for lead in locked]
        anonymise(list(Consent.objects.filter(lead__in=ids)), is_withdrawn=action != Action.EXPIRED, now=now)
        access_log.record(action, references, actor=actor, now=now, erased=ids)
        Arrival.objects.filter(fingerprint__in=[lead.fingerprint for lead in locked]).delete()
        _total, counts = Lead.objects.filter(pk__in=ids).only("pk").delete()
        # Before the commit: after a crash between the two, a restore erases what was to be erased anyway.
        if is_logged:
            log_erasure(ids, action=action, now=now)
    return Receipt(now, references, counts.get("contacts.LeadNote", 0), counts.get("contacts.OutboxEmail", 0))


def anonymise(consents: list[Consent], *, is_withdrawn: bool, now: datetime) -> None:
    """Remove lead and time of day from `consents`: an exact time would identify the reference in the access log."""
    for consent in consents:
        consent.lead, consent.given_at, consent.erased_at = None, day_of(consent.given_at), day_of(now)
        consent.withdrawn_at = day_of(now) if is_withdrawn else None
    Consent.objects.bulk_update(consents, ["lead", "given_at", "erased_at", "withdrawn_at"])


def day_of(moment: datetime) -> datetime:
    """Return midnight in Rome of the day of `moment`."""
    return timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)


def log_erasure(ids: Iterable[UUID], *, action: Action, now: datetime) -> None:
    """Append the random ids to VAR_DIR/erasures.log; they are on disk when this returns."""
    path = settings.VAR_DIR / "erasures.log"
    recover_log(path)
    lines = "".join(f"{lead_id} {action} {now.isoformat(timespec='seconds')}\n" for lead_id in ids)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(lines.encode())
        file.flush()
        os.fsync(file.fileno())


def recover_log(path: Path) -> None:
    """Restore a missing log from its copy beside the backups: a log that starts empty would hide older erasures.

    Several processes may do this at once: only one links its draft to the name, so no appended line is lost.
    """
    copy = path.parent / "backups" / path.name
    if path.exists() or not copy.exists():
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(copy.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def apply_log(path: Path) -> int:
    """Delete from a restored database every lead that the log at `path` names; return how many there were."""
    erased = {UUID(lead_id): (action, at) for lead_id, action, at in ENTRY.findall(path.read_text())}
    restored = [pk for pk in Lead.objects.values_list("pk", flat=True) if pk in erased]
    for pk in restored:
        action, at = erased[pk]
        delete(Lead.objects.filter(pk=pk), action=Action(action), now=datetime.fromisoformat(at), is_logged=False)
    empty_wal()
    return len(restored)


def empty_wal() -> bool:
    """Checkpoint and truncate SQLite's write-ahead log; return whether it is empty (always on PostgreSQL).

    secure_delete overwrites deleted content in the database, but the log still holds the pages from before.
    If a reader (a backup) prevents it, the log is truncated by the next daily purge.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return True
    with short_wait(), connection.cursor() as cursor:
        is_busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if is_busy:
        log.warning("write-ahead log in use, truncated later")
    return not is_busy
