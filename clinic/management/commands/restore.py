from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinic.database import errors
from clinic.database.errors import DATABASE_ERRORS
from clinic.encryption.age import Unreadable
from clinic.operations import restores
from clinic.operations.dumps import CopyFailed


class Command(BaseCommand):
    help = (
        "Restore a backup into an empty place. The keys must be there first (VAR_DIR/keys or the environment). "
        "Later erasures are applied again, from every erasures*.log beside the backup."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("backup", type=Path)
        parser.add_argument(
            "--erasures", type=Path, action="append", metavar="FILE", help="another list of erased ids (repeatable)"
        )
        parser.add_argument(
            "--erasures-lost", action="store_true", help="restore without any list: erased people may come back"
        )

    def handle(self, *, backup, erasures, erasures_lost, **options):
        named = erasures or []
        beside = sorted(backup.parent.glob("erasures*.log"))
        if not (beside or named or erasures_lost or (settings.VAR_DIR / "erasures.log").exists()):
            raise CommandError(
                f"{backup.with_name('erasures.log')} is missing. Without it people whom the centre erased would come "
                "back: copy it from the old VAR_DIR or its backups, or pass --erasures-lost."
            )
        try:
            done = restores.restore(backup, erasures=[*beside, *named])
        except (restores.Refused, Unreadable, CopyFailed, OSError) as error:
            raise CommandError(f"Nothing was restored. {error}") from error
        except DATABASE_ERRORS as error:
            raise CommandError(f"Nothing was restored. {errors.message(error)}") from error
        self.stdout.write(
            f"Restored the backup of {done.made_at:%Y-%m-%d %H:%M:%S} UTC: {done.leads} leads, "
            f"{done.photographs} photographs; {done.erased_again} leads erased since were erased again.\n"
            f"Active accounts, with the passwords and phones they had then: {', '.join(done.accounts)}\n"
            f"At {settings.SITE_URL}/admin/ deactivate those of people who have left since. For a password or phone "
            "that was changed, lost or stolen since: make_staff with --reset-second-factor again."
        )
