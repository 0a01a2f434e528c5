import logging
import signal
import threading
import time
from datetime import timedelta

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from clinic.database.errors import DATABASE_ERRORS
from clinic.editing import publishing
from clinic.encryption import fingerprints
from contacts import clocks, jobs
from contacts.intake import throttle
from contacts.mail import outbox
from contacts.mail.outbox import SendResult

log = logging.getLogger(__name__)

IDLE_SECONDS = 2
HEARTBEAT_SECONDS = 30
MAX_PAUSE_SECONDS = 60


class Command(BaseCommand):
    help = (
        "Send queued emails, publish drafts at their date and run the daily and monthly jobs until SIGTERM. "
        "Several workers may run at the same time."
    )
    # Django 6.1's checks query the database, which may be away at the start.
    requires_system_checks = []

    # Monotonic time of the last heartbeat, and how often the mail server did not answer in a row.
    last_heartbeat: float | None = None
    failures = 0

    def handle(self, **options):
        fingerprints.verify()
        self.stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self.stop.set())
        while not self.stop.is_set():
            self.stop.wait(self.run_once(now=timezone.now()))

    def run_once(self, *, now) -> float:
        """Send one email, and the heartbeat if due; return the seconds to wait. No exception ends the worker."""
        close_old_connections()
        try:
            if self.last_heartbeat is None or time.monotonic() >= self.last_heartbeat + HEARTBEAT_SECONDS:
                self.heartbeat(now=now)
            outcome = outbox.send_next(now=now)
        except DATABASE_ERRORS as error:
            log.warning("database unavailable", extra={"error": type(error).__name__})
            return IDLE_SECONDS
        except Exception:
            log.exception("unexpected error")
            return IDLE_SECONDS
        # While the mail server does not answer, the whole queue waits, twice as long each time.
        self.failures = self.failures + 1 if outcome is SendResult.SERVER_AWAY else 0
        if self.failures:
            return min(2.0**self.failures, MAX_PAUSE_SECONDS)
        return 0 if outcome else IDLE_SECONDS

    def heartbeat(self, *, now):
        # Not only at the start: the database may not have answered then, or other processes use a newer key by now.
        fingerprints.verify()
        measured_at = time.monotonic()
        elapsed = 0 if self.last_heartbeat is None else measured_at - self.last_heartbeat
        clocks.record_heartbeat(now=now, elapsed=timedelta(seconds=elapsed))
        self.last_heartbeat = measured_at
        throttle.delete_old(now=now)
        jobs.run_due(now=now)
        publishing.publish_due(now=now)
