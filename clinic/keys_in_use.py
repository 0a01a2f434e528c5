"""Refuses a start with keys that cannot read the data: every key that data needs left its fingerprint beside it."""

import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from clinic.models import KeyInUse


def fingerprint(key: str) -> str:
    return hashlib.sha256(f"clinic {key}".encode()).hexdigest()


def given() -> set[tuple[str, str]]:
    keys = {"FIELD_KEYS": settings.FIELD_KEYS, "DIGEST_KEY": [settings.DIGEST_KEY]}
    return {(name, fingerprint(key)) for name, values in keys.items() for key in values}


def needed() -> list[tuple[str, str]]:
    """Return (name of the setting, fingerprint) of every key that data in the database needs."""
    return list(KeyInUse.objects.order_by("pk").values_list("name", "fingerprint"))


def missing(needed: Iterable[tuple[str, str]]) -> set[str]:
    """Return the names of the settings that lack one of the keys needed."""
    return {name for name, mark in needed if (name, mark) not in given()}


def refuse(names: set[str]) -> str:
    return (
        f"{' and '.join(sorted(names))} cannot read the data in this database: put back the keys it was written with "
        "(in the environment, or in VAR_DIR/keys)."
    )


def prove() -> None:
    """Raise ImproperlyConfigured when data cannot be read; else record the keys that new data is written with.

    Called where the site starts (prepare, worker, web), before anything is written. A database that does not
    answer is not the keys' fault: pages are served without it.
    """
    try:
        if names := missing(needed()):
            raise ImproperlyConfigured(refuse(names))
        for name, key in {"FIELD_KEYS": settings.FIELD_KEYS[0], "DIGEST_KEY": settings.DIGEST_KEY}.items():
            KeyInUse.objects.get_or_create(name=name, fingerprint=fingerprint(key))
    except DatabaseError:
        return


def forget_older_field_keys() -> None:
    """Say that all data was rewritten with the newest key (manage.py rotate_keys)."""
    KeyInUse.objects.filter(name="FIELD_KEYS").exclude(fingerprint=fingerprint(settings.FIELD_KEYS[0])).delete()


@register(Tags.database)
def keys_read_the_data(databases=None, **kwargs):
    """`manage.py check --database default` and `migrate` say it too."""
    try:
        names = missing(needed()) if databases else set()
    except DatabaseError:
        names = set()
    return [Error(refuse(names), id="clinic.E001")] if names else []
