from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from contacts import clocks
from contacts.models import WorkerHeartbeat
from contacts.privacy import retention


class Command(BaseCommand):
    help = (
        "Erase what has reached the end of its retention (KEEP_* in settings): leads, consents of erased leads, and "
        "entries of the access log. The worker does this once a day."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only print what would be erased")
        parser.add_argument(
            "--ignore-clock", action="store_true", help="erase although the last purge was days ago or is in the future"
        )

    def handle(self, *, dry_run, ignore_clock, **options):
        now = timezone.now()
        if not ignore_clock and (last := clocks.purge_far_off(now=now)):
            raise CommandError(
                f"Nothing was erased: today is {now:%Y-%m-%d}, and the last purge was on {last:%Y-%m-%d}. {clocks.HINT}"
            )
        purged = retention.purge(now=now, is_dry_run=dry_run)
        if not dry_run:
            WorkerHeartbeat.objects.update_or_create(name=clocks.PURGE, defaults={"at": now})
        for reference in purged.leads:
            self.stdout.write(reference)
        verb = "Would erase" if dry_run else "Erased"
        self.stdout.write(
            f"{verb}: {len(purged.leads)} leads, {purged.consents} consents, "
            f"{purged.accesses} entries of the access log."
        )
