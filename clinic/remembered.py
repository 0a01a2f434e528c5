"""Small things that every page needs, read at most once a second and kept for when the database is away."""

import logging
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import DatabaseError

log = logging.getLogger(__name__)
REFRESH_SECONDS = 1.0
Thing = TypeVar("Thing")


class Remembered(Generic[Thing]):
    """A value that `read()` takes from the database; `blank()`, if any, stands for it until the first reading."""

    def __init__(self, read: Callable[[], Thing], blank: Callable[[], Thing] | None = None):
        self._read, self._blank = read, blank
        self._copy: Thing | None = None
        self._read_at = float("-inf")

    def last(self) -> Thing:
        """Return the copy in this process, without touching the database."""
        if self._copy is not None:
            return self._copy
        if self._blank is None:
            raise LookupError("nothing was read yet, and nothing stands for it")
        return self._blank()

    def current(self) -> Thing:
        """Return the value, read anew after a second; the last copy when the database does not answer."""
        if time.monotonic() - self._read_at >= REFRESH_SECONDS:
            try:
                self._copy = self._read()
            except DatabaseError as error:
                if self._copy is None and self._blank is None:
                    raise
                log.warning("database away, the last copy serves", extra={"error": type(error).__name__})
            self._read_at = time.monotonic()
        return self.last()

    def forget(self) -> None:
        """Read anew at the next call."""
        self._read_at = float("-inf")
