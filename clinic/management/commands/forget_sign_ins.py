from datetime import timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from clinic.models import SharedCache, SignInEntry, revisions
from contacts import clocks
from treatments.models import photos


class Command(BaseCommand):
    help = (
        "Delete what is kept about sign-ins and changes once its time is over: ended sessions, counts of wrong "
        "attempts after their lock-out, the record of sign-ins and the admin's history (KEEP_ACCESS_DAYS), "
        "old revisions of content (KEEP_REVISION_DAYS) and the files of deleted photographs. The worker does this once "
        "a day."
    )

    def handle(self, **options):
        now = timezone.now()
        call_command("clearsessions")
        counts = SharedCache.objects.filter(expires__lt=now).delete()[0]
        kept_since = now - timedelta(days=settings.KEEP_ACCESS_DAYS)
        entries = history = texts = 0
        if not clocks.purge_far_off(now=now):
            entries = SignInEntry.objects.filter(at__lt=kept_since).delete()[0]
            history = LogEntry.objects.filter(action_time__lt=kept_since).delete()[0]
            texts = revisions.forget_old(now=now)
            photos.forget_deleted()
        self.stdout.write(
            f"Deleted: {counts} counts of wrong attempts, {entries} entries of the record of sign-ins, "
            f"{history} entries of the admin's history, {texts} revisions."
        )
