"""What the desk must know now about the people who wrote: counts, ages and references, nothing personal."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Min
from django.utils import timezone

from clinic.models import ClinicProfile
from contacts.clocks import WRONG_CLOCK
from contacts.inbox.working_time import WorkingTime, late_before
from contacts.mail import outbox
from contacts.models import Lead, WorkerHeartbeat
from contacts.privacy import retention
from questionnaire.reports import mondays

Status = Lead.Status
SHOWN = 10
# Nobody needs to read more than "500" off the desk, and a database need not count further.
MOST = 500
SILENT_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Trouble:
    """Mails that fail for one reason."""

    reason: str
    count: int
    since: datetime


@dataclass(frozen=True)
class Silence:
    """No worker is heard: since when, if there ever was one."""

    since: datetime | None


def counted(rows) -> int:
    return rows.order_by()[:MOST].count()


def waiting_longest(profile: ClinicProfile, *, now: datetime) -> list[Lead]:
    """Return the first few open leads with `waiting` (working time) and `is_late`, who waits longest first."""
    leads = Lead.objects.open().select_related("owner").defer("email", "name", "message", "answers")
    shown = list(leads.order_by("waiting_since", "pk")[:SHOWN])
    set_waiting(shown, profile, now=now)
    return shown


def set_waiting(leads, profile: ClinicProfile, *, now: datetime) -> None:
    """Set on each lead how long it has waited in working time (None when it is not open) and whether that is late."""
    calendar, late = WorkingTime.of(profile), late_before(profile, now=now)
    for lead in leads:
        lead.waiting = calendar.between(lead.created_at, now) if lead.is_open else None
        lead.is_late = lead.is_open and lead.created_at < late


def late_count(profile: ClinicProfile, *, now: datetime) -> int:
    return counted(Lead.objects.filter(waiting_since__lt=late_before(profile, now=now)))


def undelivered() -> list[Trouble]:
    """Return the mails that did not leave, by reason, the longest trouble first."""
    failing = outbox.waiting().filter(failing_since__isnull=False).order_by()
    groups = failing.values("last_error").annotate(count=Count("pk"), since=Min("failing_since")).order_by("since")
    return [Trouble(group["last_error"], group["count"], group["since"]) for group in groups]


def worker_silence(*, now: datetime) -> Silence | None:
    """Return since when no worker was heard, or None while one is."""
    last = WorkerHeartbeat.objects.filter(name="worker").values_list("at", flat=True).first()
    is_heard = last is not None and now - SILENT_AFTER <= last <= now + WRONG_CLOCK
    return None if is_heard else Silence(last)


def going_soon_count(*, now: datetime) -> int:
    """Return how many leads the calendar erases in the next 14 days."""
    return counted(retention.due(timezone.localdate(now) + timedelta(days=retention.WARNING_DAYS)))


def leads_by_week(*, now: datetime) -> list[tuple[date, int]]:
    """Return (Monday, leads that arrived in its week, or MOST), without suspected ones, each read off an index."""
    real = Lead.objects.filter(status__in=[status for status in Status if status != Status.SUSPECTED]).order_by()
    return [
        (monday, counted(real.filter(created_at__gte=starts, created_at__lt=ends)))
        for monday in mondays(today=timezone.localdate(now))
        for starts, ends in [(retention.midnight(monday), retention.midnight(monday + timedelta(weeks=1)))]
    ]
