"""Values that pages read from the database on every request, cached per process for when it does not answer."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import OperationalError

from clinic.caching.content_version import content_version
from clinic.database.errors import DATABASE_ERRORS

log = logging.getLogger(__name__)
# A change made outside the site (in the database itself) shows after this time; any other with the content version.
REFRESH_SECONDS = 30.0
RETRY_SECONDS = 1.0
Value = TypeVar("Value")


class CachedValue(Generic[Value]):
    """The result of `read()`, cached for `seconds` or until the content version changes.

    `default()`, if given, provides the value until the first successful read.
    """

    def __init__(
        self, read: Callable[[], Value], default: Callable[[], Value] | None = None, seconds: float = REFRESH_SECONDS
    ):
        self._read, self._default, self._seconds = read, default, seconds
        # Value, content version and time of expiry: replaced together, because threads share them.
        self._cached: tuple[Value | None, int | None, float] = (None, None, float("-inf"))
        self._reading = threading.Lock()

    def last(self) -> Value:
        """Return the cached value, without touching the database."""
        value = self._cached[0]
        if value is not None:
            return value
        if self._default is None:
            raise OperationalError("the value was never read, and it has no default")
        return self._default()

    def current(self) -> Value:
        """Return the value, read again if it has expired; the cached one if the database does not answer."""
        # One thread reads. The others return the cached value, and wait only if there is none yet.
        if self._has_expired() and self._reading.acquire(blocking=self._cached[0] is None):
            try:
                if self._has_expired():
                    self._refresh()
            finally:
                self._reading.release()
        return self.last()

    def _has_expired(self) -> bool:
        _value, version, expires_at = self._cached
        return version != content_version.number or time.monotonic() >= expires_at

    def _refresh(self) -> None:
        # The version from before the read: a change made during it is read on the next call.
        version = content_version.number
        try:
            self._cached = (self._read(), version, time.monotonic() + self._seconds)
        except DATABASE_ERRORS as error:
            log.warning("database unavailable; serving cached copy", extra={"error": type(error).__name__})
            self._cached = (self._cached[0], version, time.monotonic() + RETRY_SECONDS)

    def invalidate(self) -> None:
        """Read again on the next call."""
        self._cached = (self._cached[0], None, float("-inf"))
