"""Refuses keys that do not fit the data: the fingerprint of each key in use is stored beside the data."""

import hashlib
import logging
from collections.abc import Iterable

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from clinic.database.errors import DATABASE_ERRORS
from clinic.models import KeyInUse

log = logging.getLogger(__name__)
# Whether the database was unavailable when the keys had to be verified.
_is_pending = False


def fingerprint(key: str) -> str:
    return hashlib.sha256(f"clinic {key}".encode()).hexdigest()


def keys() -> dict[str, list[str]]:
    """Return {name of the setting: its keys}, the one that new data is written with first."""
    return {
        "FIELD_KEYS": settings.FIELD_KEYS,
        "DIGEST_KEY": [settings.DIGEST_KEY],
        "SECRET_KEY": [settings.SECRET_KEY],
    }


def newest() -> dict[str, str]:
    """Return {name of the setting: fingerprint of the key that new data is written with}."""
    return {name: fingerprint(values[0]) for name, values in keys().items()}


def needed() -> list[tuple[str, str]]:
    """Return (name of the setting, fingerprint) of every key that data in the database needs."""
    return list(KeyInUse.objects.order_by("pk").values_list("name", "fingerprint"))


def missing(needed: Iterable[tuple[str, str]]) -> set[str]:
    """Return the names of the settings that lack one of the keys needed."""
    given = {(name, fingerprint(key)) for name, values in keys().items() for key in values}
    return {name for name, mark in needed if (name, mark) not in given}


def refusal(names: set[str]) -> str:
    """Return one sentence: which keys are wrong, and where to put the right ones."""
    files = " and ".join(str(settings.VAR_DIR / "keys" / name.lower()) for name in sorted(names))
    on_purpose = " Changed on purpose: clinic rotate_keys --new-secret-key." if names == {"SECRET_KEY"} else ""
    return (
        f"The data in this database belongs to another {' and '.join(sorted(names))}: put back {files}, "
        f"or the same in the environment.{on_purpose}"
    )


def verify() -> None:
    """Raise ImproperlyConfigured when data needs other keys; else record those that new data is written with.

    Called where the site starts (prepare, worker, web), before anything is written. While the database does not
    answer, pages are served without it, and the verification is pending.
    """
    global _is_pending
    try:
        there = needed()
        if names := missing(there):
            raise ImproperlyConfigured(refusal(names))
        for name, mark in newest().items() - set(there):
            KeyInUse.objects.get_or_create(name=name, fingerprint=mark)
        _is_pending = False
    except DATABASE_ERRORS:
        _is_pending = True


def are_verified() -> bool:
    """Complete a pending verification; return whether the keys may be used."""
    if _is_pending:
        try:
            verify()
        except ImproperlyConfigured:
            log.error("keys do not fit the data")
            return False
    return True


@transaction.atomic
def keep_newest(name: str) -> None:
    """Record that only the newest key of this name is needed from now on (manage.py rotate_keys)."""
    keys = KeyInUse.objects.filter(name=name)
    keys.exclude(fingerprint=newest()[name]).delete()
    keys.get_or_create(name=name, fingerprint=newest()[name])


@register
def keys_fit_the_data(**kwargs):
    """Runs before every command, unless its requires_system_checks is empty."""
    try:
        names = missing(needed())
    except DATABASE_ERRORS:
        names = set()
    return [Error(refusal(names), id="clinic.E001")] if names else []
