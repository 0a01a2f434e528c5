"""Small things that every page needs: read when content has changed, kept for when the database is away."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

from django.db import OperationalError

from clinic.caching.content_version import content_version
from clinic.database.errors import DATABASE_ERRORS

log = logging.getLogger(__name__)
# Changes made past the site (in the database itself) show after so long; all others with the next content version.
REFRESH_SECONDS = 30.0
RETRY_SECONDS = 1.0
Thing = TypeVar("Thing")
_keeps_nothing = ContextVar("keeps_nothing", default=False)


@contextmanager
def bypass_cache() -> Iterator[None]:
    """Read everything anew within, for this reader alone: in a transaction that is undone, nobody else may see it."""
    token = _keeps_nothing.set(True)
    try:
        yield
    finally:
        _keeps_nothing.reset(token)


class CachedValue(Generic[Thing]):
    """A value that `read()` takes from the database; `blank()`, if any, stands for it until the first reading."""

    def __init__(
        self, read: Callable[[], Thing], blank: Callable[[], Thing] | None = None, seconds: float = REFRESH_SECONDS
    ):
        self._read, self._blank, self._seconds = read, blank, seconds
        # Copy, content version and time of its next reading: always replaced together, as threads share them.
        self._kept: tuple[Thing | None, int | None, float] = (None, None, float("-inf"))
        self._reading = threading.Lock()

    def last(self) -> Thing:
        """Return the copy in this process, without touching the database."""
        copy = self._kept[0]
        if copy is not None:
            return copy
        if self._blank is None:
            raise OperationalError("nothing was read yet, and nothing stands for it")
        return self._blank()

    def current(self) -> Thing:
        """Return the value, read anew when due; the last copy when the database does not answer."""
        if _keeps_nothing.get():
            return self._read()
        # One thread reads. The others go on with the last copy, and wait only for the very first.
        if self._is_due() and self._reading.acquire(blocking=self._kept[0] is None):
            try:
                if self._is_due():
                    self._read_anew()
            finally:
                self._reading.release()
        return self.last()

    def _is_due(self) -> bool:
        _copy, version, due_at = self._kept
        return version != content_version.number or time.monotonic() >= due_at

    def _read_anew(self) -> None:
        # The version from before the reading: what changes in between is read at the next call.
        version = content_version.number
        try:
            self._kept = (self._read(), version, time.monotonic() + self._seconds)
        except DATABASE_ERRORS as error:
            log.warning("database unavailable; serving cached copy", extra={"error": type(error).__name__})
            self._kept = (self._kept[0], version, time.monotonic() + RETRY_SECONDS)

    def forget(self) -> None:
        """Read anew at the next call."""
        self._kept = (self._kept[0], None, float("-inf"))
