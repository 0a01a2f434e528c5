from django.core.management.base import BaseCommand
from django.utils import timezone

from contacts import retention


class Command(BaseCommand):
    help = (
        "Erase what has been kept long enough: leads by status after their last contact, proofs of consent, the list "
        "of who looked (KEEP_*_DAYS in settings). The worker does this once a day."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only print what would be erased")

    def handle(self, *, dry_run, **options):
        purged = retention.purge(now=timezone.now(), is_dry_run=dry_run)
        for reference in purged.leads:
            self.stdout.write(reference)
        verb = "Would erase" if dry_run else "Erased"
        self.stdout.write(
            f"{verb}: {len(purged.leads)} leads, {purged.consents} proofs of consent, "
            f"{purged.accesses} entries of who looked."
        )
