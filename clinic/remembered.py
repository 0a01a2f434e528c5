"""Small things that every page needs: read when content has changed, kept for when the database is away."""

import logging
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import DatabaseError

from clinic.content_version import content_version

log = logging.getLogger(__name__)
# Changes made past the site (in the database itself) show after so long; all others with the next content version.
REFRESH_SECONDS = 30.0
RETRY_SECONDS = 1.0
Thing = TypeVar("Thing")


class Remembered(Generic[Thing]):
    """A value that `read()` takes from the database; `blank()`, if any, stands for it until the first reading."""

    def __init__(
        self, read: Callable[[], Thing], blank: Callable[[], Thing] | None = None, seconds: float = REFRESH_SECONDS
    ):
        self._read, self._blank, self._seconds = read, blank, seconds
        # Copy, content version and time of its next reading: always replaced together, as threads share them.
        self._kept: tuple[Thing | None, int | None, float] = (None, None, float("-inf"))

    def last(self) -> Thing:
        """Return the copy in this process, without touching the database."""
        copy = self._kept[0]
        if copy is not None:
            return copy
        if self._blank is None:
            raise LookupError("nothing was read yet, and nothing stands for it")
        return self._blank()

    def current(self) -> Thing:
        """Return the value, read anew when due; the last copy when the database does not answer."""
        # The version from before the reading: what changes in between is read at the next call.
        version, now = content_version.number, time.monotonic()
        copy, version_of_copy, due_at = self._kept
        if copy is not None and version == version_of_copy and now < due_at:
            return copy
        try:
            copy = self._read()
            self._kept = (copy, version, now + self._seconds)
            return copy
        except DatabaseError as error:
            if copy is None and self._blank is None:
                raise
            log.warning("database away, the last copy serves", extra={"error": type(error).__name__})
            self._kept = (copy, version, now + RETRY_SECONDS)
            return self.last()

    def forget(self) -> None:
        """Read anew at the next call."""
        self._kept = (self._kept[0], None, float("-inf"))
