"""How long data is kept, what is erased next, and the daily purge; days are days in Rome."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from contacts.models import AccessEntry, Consent, Lead
from contacts.privacy import erasure

WARNING_DAYS = 14
MAX_SHOWN = 1000
BATCH = 100  # short write transactions, so that requests do not wait for the purge
ONE_DAY = timedelta(days=1)


@dataclass
class Purged:
    """What a purge deleted, or would delete: references of leads, and counts of the rest."""

    leads: list[str] = field(default_factory=list)
    consents: int = 0
    accesses: int = 0


def midnight(day: date) -> datetime:
    """Return midnight in Rome at the start of `day`."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def erased_on(lead: Lead) -> date:
    """Return the day in whose first hours `lead` is erased: never later than the privacy notice promises."""
    day = timezone.localdate(lead.last_contact_at) + timedelta(days=settings.KEEP_LEAD_DAYS[lead.status])
    return max(day, lead.keep_until + ONE_DAY) if lead.keep_until else day


def due(day: date) -> QuerySet[Lead]:
    """Return the leads to be erased on `day` or earlier, oldest first."""
    is_expired = Q()
    for status, days in settings.KEEP_LEAD_DAYS.items():
        is_expired |= Q(status=status, last_contact_at__lt=midnight(day - timedelta(days=days) + ONE_DAY))
    return Lead.objects.filter(is_expired, Q(keep_until__isnull=True) | Q(keep_until__lt=day)).order_by(
        "last_contact_at", "pk"
    )


def expiring_soon(*, now: datetime) -> list[tuple[date, Lead]]:
    """Return (day, lead) of up to MAX_SHOWN leads to be erased within 14 days, soonest first, without decrypting."""
    leads = due(timezone.localdate(now) + timedelta(days=WARNING_DAYS)).defer(
        "email", "name", "phone", "message", "answers"
    )
    leads = leads[:MAX_SHOWN]
    return sorted(((erased_on(lead), lead) for lead in leads), key=lambda pair: pair[0])


def backups_until(*, now: datetime) -> date:
    """Return the last day on which a backup may still contain what is erased now."""
    return timezone.localdate(now) + timedelta(days=settings.KEEP_BACKUP_DAYS)


def purge(*, now: datetime, is_dry_run: bool = False) -> Purged:
    """Erase everything whose retention has ended; with `is_dry_run` only return what that is."""
    today = timezone.localdate(now)
    consents_until, accesses_until = (
        midnight(today - timedelta(days=days))
        for days in (settings.KEEP_CONSENT_YEARS * 365, settings.KEEP_ACCESS_DAYS)
    )
    consents = Consent.objects.filter(erased_at__lt=consents_until)
    accesses = AccessEntry.objects.filter(at__lt=accesses_until)
    if is_dry_run:
        leads = list(due(today).values_list("reference", flat=True))
        return Purged(leads, consents.count(), accesses.count())
    purged = Purged([], consents.delete()[0], accesses.delete()[0])
    while batch := erasure.delete(due(today)[:BATCH], action=AccessEntry.Action.EXPIRED, now=now).references:
        purged.leads += batch
    erasure.empty_wal()
    return purged
