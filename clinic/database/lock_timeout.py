"""Lets a less important write wait half a second for a lock, not twenty."""

from contextlib import contextmanager, suppress

from django.db import connection

from clinic.database.errors import DATABASE_ERRORS

# In milliseconds; clinic.settings sets the longer one.
SHORT, LONG = 500, 20_000
STATEMENT = {"sqlite": "PRAGMA busy_timeout = {}", "postgresql": "SET lock_timeout = {}"}


@contextmanager
def short_wait():
    """Wait for locks only briefly inside the block."""
    statement = STATEMENT[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(statement.format(SHORT))
    try:
        yield
    finally:
        # A broken connection is not used again.
        with suppress(*DATABASE_ERRORS), connection.cursor() as cursor:
            cursor.execute(statement.format(LONG))
