"""Makes a person's lead go for good, and remembers only that this random id must never come back."""

import json
import os
from datetime import datetime

from django.conf import settings
from django.db import transaction

from contacts.models import AccessEntry, Consent, Lead


def log_erasure(lead_id, *, now: datetime) -> None:
    """Append the random id to VAR_DIR/erasures.log, on disk before this returns; a restore deletes it again."""
    line = json.dumps({"lead": str(lead_id), "at": now.isoformat(timespec="seconds")}) + "\n"
    descriptor = os.open(settings.VAR_DIR / "erasures.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def erase_lead(lead: Lead, *, action, actor=None, now: datetime) -> None:
    """Delete lead, notes and mails; the consent stays as a proof without a name, the access list the reference."""
    with transaction.atomic():
        Consent.objects.filter(lead=lead).update(withdrawn_at=now)
        AccessEntry.objects.create(actor=actor, action=action, reference=lead.reference, at=now)
        # First the log, then the row: a crash between them erases on restore what was asked to be erased.
        log_erasure(lead.pk, now=now)
        lead.delete()
