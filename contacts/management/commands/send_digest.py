from django.core.management.base import BaseCommand
from django.utils import timezone

from contacts.inbox import digest


class Command(BaseCommand):
    help = "Send the centre the daily digest: counts and references; nothing is sent when all counts are zero."

    def handle(self, **options):
        is_sent = digest.send(now=timezone.now())
        self.stdout.write("Digest sent." if is_sent else "No digest sent: all counts are zero, or email is not set up.")
