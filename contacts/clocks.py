"""What a wrong clock may do here: nothing for long, and no deleting."""

from datetime import datetime, timedelta

from contacts.models import WorkerHeartbeat

# Clocks of two machines differ a little; a time further ahead than this was written by a clock that was wrong.
WRONG_CLOCK = timedelta(hours=1)
LONGEST_BREAK = timedelta(days=3)
PURGE = "purge_leads"
CURE = (
    f"If the date is right (the site was off, or is restored): clinic {PURGE} --ignore-clock; with --dry-run "
    "it only says what goes. If it is wrong: set the clock (timedatectl)."
)


def purge_far_off(*, now: datetime) -> datetime | None:
    """Return when leads were last purged, if that is days away: then one of the two dates may be wrong.

    What is deleted by date waits until somebody has looked. Only a purge that was done moves this sign; a heartbeat
    would carry the wrong date half a minute after the clock leapt.
    """
    last = WorkerHeartbeat.objects.filter(name=PURGE).values_list("at", flat=True).first()
    return last if last and abs(now - last) >= LONGEST_BREAK else None
