from django.core.management.base import BaseCommand
from django.utils import timezone

from contacts.mail import outbox
from contacts.mail.outbox import SendResult


class Command(BaseCommand):
    help = "Send the emails that are due now, then stop (the worker does this continuously)."

    def handle(self, **options):
        if missing := outbox.missing_settings():
            self.stderr.write(f"Emails wait: {' and '.join(missing)} not set.")
        results = []
        while (result := outbox.send_next(now=timezone.now())) and result is not SendResult.SERVER_AWAY:
            results.append(result)
        self.stdout.write(f"{results.count(SendResult.SENT)} emails sent, {outbox.waiting().count()} still to be sent.")
