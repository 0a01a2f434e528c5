"""What the desk reports about leads, emails and the worker: counts, times and references, nothing personal."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import ClinicProfile
from contacts.clocks import WORKER, WRONG_CLOCK
from contacts.inbox.working_time import HOURS_TO_ANSWER, WorkingTime, in_words, late_before
from contacts.mail import outbox
from contacts.models import Lead, OutboxEmail, WorkerHeartbeat
from contacts.privacy import retention
from questionnaire.reports import mondays

Status = Lead.Status
SHOWN = 10
WORDS_SHOWN = 100
# Counting stops here: the desk then shows "500+".
MAX_COUNT = 500
SILENT_AFTER = timedelta(minutes=5)
SUSPECTED = Q(status=Status.SUSPECTED, our_turn_since__isnull=False)
VIEWS = {
    "new": pgettext_lazy("leads", "New"),
    "mine": pgettext_lazy("leads", "Mine"),
    "waiting": _("Waiting for the patient"),
    "late": _("Overdue"),
    "suspected": _("Suspected spam"),
}


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


def first_words(lead: Lead) -> str:
    """Return the beginning of the message, on one line."""
    return Truncator(" ".join(lead.message.split())).chars(WORDS_SHOWN)


def unseen(profile: ClinicProfile) -> list[str]:
    """Return the encrypted fields that lists do not show: name and message too if the owner switched them off."""
    shown = {"name", "message"} if profile.names_in_lists else set()
    return [name for name in Lead.ENCRYPTED if name not in shown]


def waiting_longest(profile: ClinicProfile, *, now: datetime) -> list[Lead]:
    """Return the first few leads of which it is our turn, longest waiting first, with what set_waiting() sets."""
    leads = Lead.objects.our_turn(now=now).select_related("owner").defer(*unseen(profile))
    shown = list(leads.order_by("waiting_since", "pk")[:SHOWN])
    set_waiting(shown, profile, now=now)
    return shown


def set_waiting(leads, profile: ClinicProfile, *, now: datetime) -> None:
    """Set on each lead `waiting` (working time, None unless it is our turn), `waited` (in words), `is_late`.

    While it waits for the patient, `waits_until` is the day on which it is our turn again.
    """
    calendar, late = WorkingTime.of(profile), late_before(profile, now=now)
    for lead in leads:
        # A new lead is nobody else's turn, whatever a wrong clock has written.
        is_ours = lead.status == Status.NEW or (lead.is_open and lead.our_turn_since <= now)
        lead.waiting = calendar.between(lead.our_turn_since, now) if is_ours else None
        lead.waited = in_words(lead.waiting, day=calendar.day) if is_ours else ""
        lead.is_late = is_ours and lead.our_turn_since < late
        lead.waits_until = timezone.localdate(lead.our_turn_since) if lead.is_open and not is_ours else None


def promise(profile: ClinicProfile) -> str:
    """Return in words the working time after which an unanswered lead is late."""
    return in_words(timedelta(hours=profile.answer_within_hours or HOURS_TO_ANSWER), day=WorkingTime.of(profile).day)


def condition(view: str, user, profile: ClinicProfile, *, now: datetime) -> Q:
    """Return which leads the view of this name shows (VIEWS)."""
    return {
        "new": Q(status=Status.NEW),
        "mine": Q(owner=user, waiting_since__lte=now),
        "waiting": Q(waiting_since__gt=now),
        "late": Q(waiting_since__lt=late_before(profile, now=now)),
        "suspected": SUSPECTED,
    }[view]


def views(user, profile: ClinicProfile, *, now: datetime) -> list[tuple[str, str, int]]:
    """Return (name, label, count) of the views of the inbox that are not empty."""
    counts = [
        (name, label, counted(Lead.objects.filter(condition(name, user, profile, now=now))))
        for name, label in VIEWS.items()
    ]
    return [view for view in counts if view[-1]]


def assigned(*, now: datetime) -> list[tuple[str, int]]:
    """Return (colleague, number of their leads of which it is our turn)."""
    taken = Lead.objects.our_turn(now=now).filter(owner__isnull=False).order_by("owner__username")
    return list(taken.values_list("owner__username").annotate(Count("pk")))


def late_count(profile: ClinicProfile, *, now: datetime) -> int:
    return counted(Lead.objects.filter(condition("late", None, profile, now=now)))


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
    """Return how many leads are suspected spam and judged by nobody, and since when the oldest of them waits for it."""
    leads = Lead.objects.filter(SUSPECTED)
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
