from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.database import errors
from clinic.database.errors import DATABASE_ERRORS
from clinic.encryption.age import Unreadable
from clinic.operations import backups
from clinic.operations.dumps import CopyFailed
from contacts import clocks


class Command(BaseCommand):
    help = (
        "Write an encrypted copy of database and photographs while the site runs, and delete copies that are too old. "
        "The keys are not in it: keep them apart. Copy the whole folder to another place."
    )
    # Django 6.1's checks ask the database, which may be away: this command says so itself.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--to", type=Path, metavar="FOLDER", help="instead of VAR_DIR/backups")

    def handle(self, *, to, **options):
        folder, now = to or settings.VAR_DIR / "backups", timezone.now()
        try:
            made = backups.make(folder, now=now)
            # Copies that a wrong clock takes for old are not.
            deleted = 0 if clocks.purge_far_off(now=now) else backups.rotate(folder, now=now)
        except (CopyFailed, Unreadable, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from error
        except DATABASE_ERRORS as error:
            raise CommandError(f"No backup was made. {errors.message(error)}") from error
        verified = "decrypted again" if settings.BACKUP_KEY else "read back (not decrypted: BACKUP_KEY is not here)"
        self.stdout.write(f"{made}: {made.stat().st_size} bytes, {verified}. Deleted {deleted} that are too old.")
