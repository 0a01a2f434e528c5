"""Limits how many requests one source may send in an hour, without storing who the source is."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from clinic.encryption.fields import keyed_digest
from clinic.http.client_address import source_address
from contacts.models import Arrival

HOUR = timedelta(hours=1)


class TooMany(Exception):
    """The source has sent LEADS_PER_HOUR requests within an hour."""


def source(request, *, now: datetime) -> str:
    """Return the keyed hash of the client's address; it changes every day."""
    return keyed_digest("source", source_address(request), str(timezone.localdate(now)))


def count(source: str, fingerprint: str, *, now: datetime) -> None:
    """Count one request of `source`; raise TooMany above the limit (call inside the transaction that stores it).

    The same request sent again by the same source is not counted again.
    """
    if not (settings.LEADS_PER_HOUR and source):
        return
    lock(source)
    arrivals = Arrival.objects.filter(source=source, at__gt=now - HOUR)
    if arrivals.filter(fingerprint=fingerprint).exists():
        return
    if arrivals.count() >= settings.LEADS_PER_HOUR:
        raise TooMany
    Arrival.objects.create(source=source, fingerprint=fingerprint, at=now)


def lock(source: str) -> None:
    """Let the other requests of `source` wait until this transaction ends; SQLite has one writer at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [source])


def delete_old(*, now: datetime) -> None:
    """Delete the arrivals that no limit counts any more."""
    Arrival.objects.filter(at__lte=now - HOUR).delete()
