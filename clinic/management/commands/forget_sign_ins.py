from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from clinic import revisions
from contacts import clocks


class Command(BaseCommand):
    help = (
        "Delete the traces of staff whose time is over: ended sessions, failed sign-ins after their lock-out, the "
        "admin's history (KEEP_ACCESS_DAYS), old revisions of content (KEEP_REVISION_DAYS). The worker does this "
        "once a day."
    )

    def handle(self, **options):
        now = timezone.now()
        call_command("clearsessions")
        attempts = AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()[0]
        kept_since = now - timedelta(days=settings.KEEP_ACCESS_DAYS)
        is_in_doubt = clocks.purge_far_off(now=now)
        history = 0 if is_in_doubt else LogEntry.objects.filter(action_time__lt=kept_since).delete()[0]
        texts = 0 if is_in_doubt else revisions.forget_old(now=now)
        self.stdout.write(
            f"Deleted: {attempts} failed sign-ins, {history} entries of the admin's history, {texts} revisions."
        )
