"""Follows the number that grows with every change of public content; nobody ever waits for the database to learn it."""

import atexit
import logging
import threading
import time
from collections.abc import Callable

from django.db import connection

from clinic.models import ContentVersion

log = logging.getLogger(__name__)
CHECK_SECONDS = 1.0
# No answer for so long: the database is away, and what is remembered serves.
PATIENCE_SECONDS = 3.0


class Follower:
    """Asks for the number once a second in a thread of its own, so that a locked or lost database delays no page."""

    def __init__(self, read: Callable[[], int]):
        self._read = read
        # About a second old; None before the first answer of the database, or when nobody follows.
        self.number: int | None = None
        self._read_at = float("-inf")
        self._failure_logged = False
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def follow(self) -> None:
        """See to it that `number` is kept up in this process."""
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def is_answering(self) -> bool:
        """Say whether the database has answered lately."""
        return time.monotonic() - self._read_at < PATIENCE_SECONDS

    def _start(self) -> None:
        # Started by the first request, not at import: a thread does not survive the fork of a web process.
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._follow, name="content-version", daemon=True)
                self._thread.start()
                atexit.register(self.stop)

    def _follow(self) -> None:
        try:
            self.check()
            while not self._stop.wait(CHECK_SECONDS):
                self.check()
        finally:
            connection.close()

    def stop(self) -> None:
        """Let the thread end, and its connection: SQLite puts its log away with the last one."""
        self._stop.set()
        if self._thread:
            self._thread.join(CHECK_SECONDS)

    def check(self) -> None:
        try:
            self.number, self._read_at, self._failure_logged = self._read(), time.monotonic(), False
        except Exception as error:  # whatever it is, ask again in a second
            if not self._failure_logged:
                log.warning("content version not read", extra={"error": type(error).__name__})
            self._failure_logged = True


def read() -> int:
    # As each request does: a connection that broke, or whose file was replaced, is opened anew.
    connection.close_if_unusable_or_obsolete()
    return ContentVersion.current()


content_version = Follower(read)
