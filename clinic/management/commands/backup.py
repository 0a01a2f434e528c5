from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from clinic.database import errors
from clinic.operations import backups
from clinic.operations.dumps import CopyFailed
from contacts import clocks


class Command(BaseCommand):
    help = (
        "Write a sealed copy of database and photographs while the site goes on, and delete copies that are too old. "
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
        except (CopyFailed, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from error
        except DatabaseError as error:
            raise CommandError(f"No backup was made. {errors.words(error)}") from error
        self.stdout.write(f"{made}: {made.stat().st_size} bytes. Deleted {deleted} that are too old.")
