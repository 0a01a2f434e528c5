from django.core.management.base import BaseCommand
from django.utils import timezone

from contacts.inbox import digest


class Command(BaseCommand):
    help = "Mail the centre what waits on the desk: counts and references only, nothing when nothing waits."

    def handle(self, **options):
        is_sent = digest.send(now=timezone.now())
        self.stdout.write("Digest sent." if is_sent else "Nothing to say, or mail is not set up: no digest sent.")
