"""Decides which stored times a wrong clock wrote, and when the date is reliable enough to erase by date."""

from datetime import datetime, timedelta

from django.db import transaction

from contacts.models import WorkerHeartbeat

# The clocks of two machines differ a little; a time further ahead than this was written by a wrong clock.
WRONG_CLOCK = timedelta(hours=1)
PURGE, WORKER = "purge_leads", "worker"
# The last purge may be this long ago, or the date must first agree with the monotonic clock for HOLD.
SHORT_BREAK = timedelta(days=3)
HOLD = timedelta(hours=24)
# After a longer break the operator must confirm the date: a clock that is months ahead would erase everyone. It covers
# a site that was off for a month, the day before and the day after.
LONGEST_BREAK = timedelta(days=34)
HINT = (
    "If the date is wrong: set the clock (timedatectl). If it is right (the site was off or was restored): after a "
    f"break of up to a month the worker resumes by itself, a day after it started; clinic {PURGE} --ignore-clock "
    "resumes now (add --dry-run to print what would be erased)."
)


def record_heartbeat(*, now: datetime, elapsed: timedelta) -> None:
    """Store that a worker runs, and for how long the date has agreed with the monotonic clock.

    `elapsed`: monotonic time since this worker's previous heartbeat, zero at its first one, so that time in which no
    worker measures is not counted. If the date went back, or ahead by more than that (clock changed, site off,
    database restored), the count starts again at zero. With several workers the date moves by less: since the last
    heartbeat of any of them.
    """
    with transaction.atomic():
        row, is_new = WorkerHeartbeat.objects.select_for_update().get_or_create(name=WORKER, defaults={"at": now})
        moved = timedelta() if is_new else now - row.at
        agrees = -WRONG_CLOCK <= moved <= elapsed + WRONG_CLOCK
        row.date_held = row.date_held + max(min(moved, elapsed), timedelta()) if agrees else timedelta()
        row.at = now
        row.save(update_fields=["at", "date_held"])


def purge_far_off(*, now: datetime) -> datetime | None:
    """Return the time of the last purge while nothing may be deleted by date, else None.

    Only a completed purge updates that time: heartbeats carry a wrong date seconds after the clock was changed.
    """
    rows = {row.name: row for row in WorkerHeartbeat.objects.filter(name__in=(PURGE, WORKER))}
    if PURGE not in rows or abs(now - rows[PURGE].at) < SHORT_BREAK:
        return None
    has_held = WORKER in rows and rows[WORKER].date_held >= HOLD and abs(now - rows[WORKER].at) <= WRONG_CLOCK
    return None if has_held and abs(now - rows[PURGE].at) <= LONGEST_BREAK else rows[PURGE].at
