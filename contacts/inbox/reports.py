"""What the desk reports about leads, emails and the worker: counts, times and references, nothing personal."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext

from clinic.models import ClinicProfile
from contacts.clocks import WORKER, WRONG_CLOCK
from contacts.inbox.working_time import HOURS_TO_ANSWER, WorkingTime, in_words, late_before
from contacts.mail import outbox
from contacts.models import Lead, OutboxEmail, WorkerHeartbeat
from contacts.privacy import retention
from questionnaire.reports import mondays

Status = Lead.Status
SHOWN = 10
# Counting stops here: the desk then shows "500+".
MAX_COUNT = 500
SILENT_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class FailingEmails:
    """How many emails fail for one reason, and since when."""

    reason: str
    count: int
    since: datetime


@dataclass(frozen=True)
class Suspected:
    """How many leads are suspected spam, and when the oldest of them was received."""

    count: int
    since: datetime | None


@dataclass(frozen=True)
class WorkerSilence:
    """No worker runs: time of the last heartbeat, None if there never was one."""

    since: datetime | None


def counted(rows) -> int:
    return rows.order_by()[:MAX_COUNT].count()


def waiting_longest(profile: ClinicProfile, *, now: datetime) -> list[Lead]:
    """Return the first few open leads, longest waiting first, with `waiting`, `waited` and `is_late` set."""
    leads = Lead.objects.open().select_related("owner").defer(*Lead.ENCRYPTED)
    shown = list(leads.order_by("waiting_since", "pk")[:SHOWN])
    set_waiting(shown, profile, now=now)
    return shown


def set_waiting(leads, profile: ClinicProfile, *, now: datetime) -> None:
    """Set on each lead `waiting` (working time, None if it is not open), `waited` (the same in words), `is_late`."""
    calendar, late = WorkingTime.of(profile), late_before(profile, now=now)
    for lead in leads:
        lead.waiting = calendar.between(lead.created_at, now) if lead.is_open else None
        lead.waited = in_words(lead.waiting, day=calendar.day) if lead.is_open else ""
        lead.is_late = lead.is_open and lead.created_at < late


def promise(profile: ClinicProfile) -> str:
    """Return in words the working time after which an unanswered lead is late."""
    return in_words(timedelta(hours=profile.answer_within_hours or HOURS_TO_ANSWER), day=WorkingTime.of(profile).day)


def views(user, profile: ClinicProfile, *, now: datetime) -> list[tuple[str, str, int]]:
    """Return (status of the list, label, count) of the views of the inbox that are not empty."""
    counts = [
        ("new", gettext("New"), counted(Lead.objects.filter(status=Status.NEW))),
        ("mine", gettext("My leads"), counted(Lead.objects.open().filter(owner=user))),
        ("late", gettext("Overdue"), late_count(profile, now=now)),
        ("suspected", gettext("Suspected spam"), counted(Lead.objects.filter(status=Status.SUSPECTED))),
    ]
    return [view for view in counts if view[-1]]


def late_count(profile: ClinicProfile, *, now: datetime) -> int:
    return counted(Lead.objects.filter(waiting_since__lt=late_before(profile, now=now)))


def failing():
    """Return the emails that the last attempt did not deliver."""
    return outbox.waiting().filter(failing_since__isnull=False).order_by()


def refused_addresses() -> list[Lead]:
    """Return the first leads whose address has no mailbox, oldest first."""
    refused = Lead.objects.filter(address_refused=True).defer(*Lead.ENCRYPTED)
    return list(refused.order_by("created_at", "pk")[:MAX_COUNT])


def undelivered() -> list[FailingEmails]:
    """Return the undelivered emails by reason, longest undelivered first, without those to refused addresses."""
    failing_here = failing().exclude(kind__in=OutboxEmail.TO_PATIENT, lead__address_refused=True)
    groups = failing_here.values("last_error").annotate(count=Count("pk"), since=Min("failing_since")).order_by("since")
    return [FailingEmails(group["last_error"], group["count"], group["since"]) for group in groups]


def suspected() -> Suspected:
    """Return how many leads are suspected spam, and since when the oldest of them waits to be judged."""
    leads = Lead.objects.filter(status=Status.SUSPECTED)
    oldest = leads.order_by("created_at", "pk").values_list("created_at", flat=True).first()
    return Suspected(counted(leads), oldest)


def worker_silence(*, now: datetime) -> WorkerSilence | None:
    """Return the time of the last heartbeat if no worker runs, None while one does."""
    last = WorkerHeartbeat.objects.filter(name=WORKER).values_list("at", flat=True).first()
    is_running = last is not None and now - SILENT_AFTER <= last <= now + WRONG_CLOCK
    return None if is_running else WorkerSilence(last)


def expiring_count(*, now: datetime) -> int:
    """Return how many leads will be erased automatically within 14 days."""
    return counted(retention.due(timezone.localdate(now) + timedelta(days=retention.WARNING_DAYS)))


def leads_by_week(*, now: datetime) -> list[tuple[date, int]]:
    """Return (Monday, leads received in its week, at most MAX_COUNT), without suspected ones."""
    real = Lead.objects.filter(status__in=[status for status in Status if status != Status.SUSPECTED]).order_by()
    return [
        (monday, counted(real.filter(created_at__gte=starts, created_at__lt=ends)))
        for monday in mondays(today=timezone.localdate(now))
        for starts, ends in [(retention.midnight(monday), retention.midnight(monday + timedelta(weeks=1)))]
    ]
