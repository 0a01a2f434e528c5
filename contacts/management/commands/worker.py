import logging
import signal
import threading
import time

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from clinic.database.errors import DATABASE_ERRORS
from clinic.encryption import fingerprints
from contacts import jobs
from contacts.intake import throttle
from contacts.mail import outbox
from contacts.mail.outbox import SendResult
from contacts.models import WorkerHeartbeat

log = logging.getLogger(__name__)

IDLE_SECONDS = 2
BEAT_SECONDS = 30
LONGEST_PAUSE_SECONDS = 60


class Command(BaseCommand):
    help = "Send waiting mails and do the daily jobs, until told to stop. Any number of workers may run."

    def handle(self, **options):
        fingerprints.verify()
        self.stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self.stop.set())
        self.next_beat = self.failures = 0
        while not self.stop.is_set():
            self.stop.wait(self.turn(now=timezone.now()))

    def turn(self, *, now) -> float:
        """Do one thing that is due; return the seconds to wait before the next. Nothing that fails ends the worker."""
        close_old_connections()
        try:
            if time.monotonic() >= self.next_beat:
                self.beat(now=now)
            outcome = outbox.send_next(now=now)
        except DATABASE_ERRORS as error:
            log.warning("database unavailable", extra={"error": type(error).__name__})
            return IDLE_SECONDS
        except Exception:
            log.exception("the worker stumbled")
            return IDLE_SECONDS
        # While the mail server is away the whole queue waits, a little longer each time.
        self.failures = self.failures + 1 if outcome is SendResult.SERVER_AWAY else 0
        if self.failures:
            return min(2.0**self.failures, LONGEST_PAUSE_SECONDS)
        return 0 if outcome else IDLE_SECONDS

    def beat(self, *, now):
        # Again and again: the database may have been away at the start, or others write with a newer key by now.
        fingerprints.verify()
        WorkerHeartbeat.objects.update_or_create(name="worker", defaults={"at": now})
        self.next_beat = time.monotonic() + BEAT_SECONDS
        throttle.forget(now=now)
        jobs.run_due(now=now)
