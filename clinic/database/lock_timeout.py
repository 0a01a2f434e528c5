"""For a write that must not keep anybody waiting: it waits half a second for a lock, not twenty."""

from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection

# In milliseconds; how the longer one is set: clinic.settings.
SHORT, LONG = 500, 20_000
STATEMENT = {"sqlite": "PRAGMA busy_timeout = {}", "postgresql": "SET lock_timeout = {}"}


@contextmanager
def short_wait():
    statement = STATEMENT[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(statement.format(SHORT))
    try:
        yield
    finally:
        # A connection that broke meanwhile is not used again.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement.format(LONG))
