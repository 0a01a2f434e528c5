import signal
import threading

from django.core.management.base import BaseCommand
from django.utils import timezone

from contacts.models import WorkerHeartbeat

PAUSE_SECONDS = 2


class Command(BaseCommand):
    help = "Send waiting mails and do the daily jobs, until told to stop. Any number of workers may run."

    def handle(self, **options):
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        while not stop.is_set():
            WorkerHeartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})
            stop.wait(PAUSE_SECONDS)
