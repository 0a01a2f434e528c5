"""Monitoring metrics: counts, ages and bytes, nothing personal."""

import os
from datetime import datetime

from django.conf import settings
from django.db.models import Min

from clinic.operations import backups
from contacts.mail import outbox
from contacts.models import Lead


def read(*, now: datetime) -> dict[str, int]:
    """Return the metrics listed in docs/operations.md: numbers, ages in seconds, bytes."""
    open_leads, waiting = Lead.objects.our_turn(now=now), outbox.waiting()
    disk = os.statvfs(settings.VAR_DIR)
    return {
        "leads": Lead.objects.count(),
        "leads_open": open_leads.count(),
        "leads_oldest_open_seconds": age(open_leads, now, since="waiting_since"),
        "mails_waiting": waiting.count(),
        "mails_oldest_waiting_seconds": age(waiting, now),
        "mails_failing": waiting.exclude(failing_since=None).count(),
        "disk_free_bytes": disk.f_bavail * disk.f_frsize,
        "backups": len(backups.all_in(settings.VAR_DIR / "backups")),
    }


def age(rows, now: datetime, *, since: str = "created_at") -> int:
    """Return the age of the oldest row in seconds, 0 when there is none."""
    oldest = rows.aggregate(oldest=Min(since))["oldest"]
    return int((now - oldest).total_seconds()) if oldest else 0
