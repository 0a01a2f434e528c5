"""A limit on how much one source may send in an hour; who the source was is known to nobody and not for long."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from clinic.encryption.fields import keyed_digest
from clinic.http.client_address import source_address
from contacts.models import Arrival

HOUR = timedelta(hours=1)


class TooMany(Exception):
    """This source has sent LEADS_PER_HOUR requests within an hour."""


def source(request, *, now: datetime) -> str:
    """Return the keyed hash that stands for where `request` came from, for this day only."""
    return keyed_digest("source", source_address(request), str(timezone.localdate(now)))


def count(source: str, mark: str, *, now: datetime) -> None:
    """Note one more arrival; raise TooMany when it is over the limit (call inside the transaction it belongs to).

    `mark` is the request's fingerprint: the same request sent again by the same source is no arrival.
    """
    if not (settings.LEADS_PER_HOUR and source):
        return
    arrivals = Arrival.objects.filter(source=source, at__gt=now - HOUR)
    if arrivals.filter(mark=mark).exists():
        return
    if arrivals.count() >= settings.LEADS_PER_HOUR:
        raise TooMany
    Arrival.objects.create(source=source, mark=mark, at=now)


def forget(*, now: datetime) -> None:
    """Delete what is older than the limit needs."""
    Arrival.objects.filter(at__lte=now - HOUR).delete()
