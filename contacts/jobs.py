"""Runs the daily and monthly jobs: each is a management command that an operator may run too."""

import logging
from datetime import datetime, time, timedelta
from io import StringIO

from django.core.management import call_command
from django.db.models import Q
from django.utils import timezone

from contacts.clocks import PURGE, WRONG_CLOCK
from contacts.models import WorkerHeartbeat

log = logging.getLogger(__name__)

# Command: the time of day in Rome from which it is due.
DAILY: dict[str, time] = {PURGE: time(3), "forget_sign_ins": time(3), "send_digest": time(7)}
# The same, every 30 days; the nightly backup begins at four.
MONTHLY: dict[str, time] = {"drill": time(5)}
# A job that failed, or whose worker was killed, is tried again after this.
LEASE = timedelta(hours=1)


def run_due(*, now: datetime) -> None:
    """Run each job that is due and that no other worker runs."""
    for command, hour in (DAILY | MONTHLY).items():
        due_at = last_due(hour, now=now) - timedelta(days=29 if command in MONTHLY else 0)
        if not claim(command, due_at=due_at, now=now):
            continue
        try:
            # Its output is for an operator, not for the log.
            call_command(command, stdout=StringIO())
        except Exception:
            log.exception("job failed", extra={"job": command})
        else:
            WorkerHeartbeat.objects.filter(name=command).update(at=now, locked_until=None)
            log.info("job done", extra={"job": command})


def last_due(hour: time, *, now: datetime) -> datetime:
    """Return the latest moment, not after `now`, at which it was `hour` in Rome."""
    today = timezone.localdate(now)
    due_at = timezone.make_aware(datetime.combine(today, hour))
    return due_at if due_at <= now else timezone.make_aware(datetime.combine(today - timedelta(days=1), hour))


def claim(command: str, *, due_at: datetime, now: datetime) -> bool:
    """Lock the job if it was not done since `due_at`; return whether this worker has to run it.

    A new site has nothing to do yet: its first run is on the next day.
    """
    row, is_new = WorkerHeartbeat.objects.get_or_create(name=command, defaults={"at": due_at})
    if is_new or due_at <= row.at <= now + WRONG_CLOCK:
        return False
    is_free = Q(locked_until=None) | Q(locked_until__lte=now) | Q(locked_until__gt=now + LEASE + WRONG_CLOCK)
    claimed = WorkerHeartbeat.objects.filter(is_free, name=command, at=row.at).update(locked_until=now + LEASE)
    return claimed == 1
