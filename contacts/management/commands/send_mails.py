from django.core.management.base import BaseCommand
from django.utils import timezone

from contacts.mail import outbox
from contacts.mail.outbox import SendResult


class Command(BaseCommand):
    help = "Send the mails that are due now, then stop (the worker does it all the time)."

    def handle(self, **options):
        if missing := outbox.missing_settings():
            self.stderr.write(f"Mails wait: {' and '.join(missing)} not set.")
        outcomes = []
        while (outcome := outbox.send_next(now=timezone.now())) and outcome is not SendResult.SERVER_AWAY:
            outcomes.append(outcome)
        self.stdout.write(f"{outcomes.count(SendResult.SENT)} mails sent, {outbox.waiting().count()} still to be sent.")
