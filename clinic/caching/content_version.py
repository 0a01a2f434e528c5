"""Polls the content version, which grows with every change of public content, in a thread per process."""

import atexit
import logging
import threading
import time
from collections.abc import Callable

from django.db import connection

from clinic.models import ContentVersion

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0
# Without an answer for this long, the database counts as away and cached pages are served.
AWAY_AFTER_SECONDS = 3.0


class VersionPoller:
    """Reads the number once a second in a thread of its own, so that a locked or lost database delays no page."""

    def __init__(self, read: Callable[[], int]):
        self._read = read
        # About a second old; None before the first answer of the database, or when the thread does not run.
        self.number: int | None = None
        self._read_at = float("-inf")
        self._failure_logged = False
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def start(self) -> None:
        """Start the thread, unless it runs.

        Called by each request rather than on import: a thread does not survive the fork of a web process.
        """
        if self._is_running():
            return
        with self._starting:
            if not self._is_running():
                self._thread = threading.Thread(target=self._run, name="content-version", daemon=True)
                self._thread.start()
                atexit.register(self.stop)

    def is_answering(self) -> bool:
        """Return whether the database has answered within AWAY_AFTER_SECONDS."""
        return time.monotonic() - self._read_at < AWAY_AFTER_SECONDS

    def _is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.poll()
            while not self._stop.wait(POLL_SECONDS):
                self.poll()
        finally:
            connection.close()

    def stop(self) -> None:
        """End the thread and its connection: SQLite removes its write-ahead log with the last connection."""
        self._stop.set()
        if self._thread:
            self._thread.join(POLL_SECONDS)

    def poll(self) -> None:
        try:
            self.number, self._read_at, self._failure_logged = self._read(), time.monotonic(), False
        except Exception as error:  # any error: the next poll is in a second
            if not self._failure_logged:
                log.warning("content version not read", extra={"error": type(error).__name__})
            self._failure_logged = True


def read() -> int:
    # As Django does at the start of a request: a connection that broke, or whose file was replaced, is reopened.
    connection.close_if_unusable_or_obsolete()
    return ContentVersion.current()


content_version = VersionPoller(read)
