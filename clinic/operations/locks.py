"""Locks between processes for commands that must not run twice at the same time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

# Any number that nothing else locks in this database.
ADVISORY_LOCK = 20_261_129


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Let one process of this machine at a time run `name`; the others wait. A killed process frees the lock."""
    descriptor = os.open(settings.VAR_DIR / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def exclusive_database() -> Iterator[None]:
    """As `exclusive`, for every machine that shares a PostgreSQL database; SQLite has one machine."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    try:
        yield
    finally:
        # A connection that was closed has freed it already.
        if connection.connection and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
