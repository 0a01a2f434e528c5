"""Makes leads go for good, and remembers only that their random ids must never come back."""

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
# Whole entries only: half a line, left by a crash, belongs to an erasure that never happened.
ENTRY = re.compile(rf"([0-9a-f-]{{36}}) ({Action.ERASED}|{Action.WITHDRAWN}|{Action.EXPIRED}) (\S+)\n")


@dataclass(frozen=True)
class Receipt:
    """What an erasure did, without a word about the person."""

    at: datetime
    references: list[str]
    notes: int = 0
    mails: int = 0


def erase(leads: QuerySet[Lead], *, action: Action, actor=None, now: datetime) -> Receipt:
    """Erase `leads` with their notes and mails, for good: on SQLite no bytes of them stay in the database.

    PostgreSQL keeps ciphertext in dead rows and its log until vacuum and log rotation (docs/privacy.md).
    """
    receipt = delete(leads, action=action, actor=actor, now=now)
    empty_wal()
    return receipt


def delete(leads: QuerySet[Lead], *, action: Action, actor=None, now: datetime, is_logged=True) -> Receipt:
    """Delete `leads`; consents stay as proofs without a name, the access list keeps the references."""
    with transaction.atomic():
        # What is encrypted is not read: a lost key never stands in the way of an erasure.
        going = {lead.pk: lead.reference for lead in leads.select_for_update().only("pk", "reference")}
        if not going:
            return Receipt(now, [])
        anonymise(list(Consent.objects.filter(lead__in=going)), is_withdrawn=action != Action.EXPIRED, now=now)
        access_log.record(action, going.values(), actor=actor, now=now)
        Arrival.objects.filter(mark__in=leads.values("fingerprint")).delete()
        _total, counts = Lead.objects.filter(pk__in=going).only("pk").delete()
        # Before the commit: a crash between them erases on a restore what was to be erased anyway.
        if is_logged:
            log_erasure(going, action=action, now=now)
    return Receipt(now, list(going.values()), counts.get("contacts.LeadNote", 0), counts.get("contacts.OutboxEmail", 0))


def anonymise(proofs: list[Consent], *, is_withdrawn: bool, now: datetime) -> None:
    """Take lead and hours from `proofs`: a time to the second would lead to the reference in the access list."""
    for proof in proofs:
        proof.lead, proof.given_at, proof.erased_at = None, day_of(proof.given_at), day_of(now)
        proof.withdrawn_at = day_of(now) if is_withdrawn else None
    Consent.objects.bulk_update(proofs, ["lead", "given_at", "erased_at", "withdrawn_at"])


def day_of(moment: datetime) -> datetime:
    """Return the first moment of its day in Rome."""
    return timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)


def log_erasure(ids: Iterable[UUID], *, action: Action, now: datetime) -> None:
    """Append the random ids to VAR_DIR/erasures.log, on disk before this returns."""
    path = settings.VAR_DIR / "erasures.log"
    recover_log(path)
    lines = "".join(f"{lead_id} {action} {now.isoformat(timespec='seconds')}\n" for lead_id in ids)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(lines.encode())
        file.flush()
        os.fsync(file.fileno())


def recover_log(path: Path) -> None:
    """Begin a list that got lost from its copy beside the backups: where it is fetched, a shorter one is passed over.

    Several processes may do so at once: only one of them links its own to the name, and what another appends stays.
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
    """Delete from a restored database every lead that `path` says was erased; return how many came back."""
    erased = {UUID(lead_id): (action, at) for lead_id, action, at in ENTRY.findall(path.read_text())}
    back = [pk for pk in Lead.objects.values_list("pk", flat=True) if pk in erased]
    for pk in back:
        action, at = erased[pk]
        delete(Lead.objects.filter(pk=pk), action=Action(action), now=datetime.fromisoformat(at), is_logged=False)
    empty_wal()
    return len(back)


def empty_wal() -> bool:
    """Fold SQLite's write-ahead log into the database and cut it to nothing; say whether nothing is left to be cut.

    secure_delete overwrites in the database what is deleted; the log still holds the pages as they were before.
    When a reader is in the way (a backup), nobody waits: the purge of the day comes by again.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return True
    with short_wait(), connection.cursor() as cursor:
        is_busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if is_busy:
        log.warning("write-ahead log in use, emptied later")
    return not is_busy
