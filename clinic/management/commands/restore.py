from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from clinic.database import errors
from clinic.encryption.sealed import SealBroken
from clinic.operations import restores
from clinic.operations.dumps import CopyFailed


class Command(BaseCommand):
    help = (
        "Put a backup back into an empty place: keys first (VAR_DIR/keys or the environment), then this command. "
        "Whoever was erased after the backup is erased again, by every erasures*.log beside it."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("backup", type=Path)
        parser.add_argument(
            "--erasures", type=Path, action="append", metavar="FILE", help="a further list of erased ids (repeatable)"
        )
        parser.add_argument(
            "--erasures-lost", action="store_true", help="go on without any list: erased people may come back"
        )

    def handle(self, *, backup, erasures, erasures_lost, **options):
        named = erasures or []
        beside = sorted(backup.parent.glob("erasures*.log"))
        if not (beside or named or erasures_lost or (settings.VAR_DIR / "erasures.log").exists()):
            raise CommandError(
                f"{backup.with_name('erasures.log')} is missing. Without it people whom the centre has erased would "
                "come back: copy it from the old VAR_DIR or its backups, or pass --erasures-lost."
            )
        try:
            done = restores.restore(backup, erasures=[*beside, *named])
        except (restores.Refused, SealBroken, CopyFailed, OSError) as error:
            raise CommandError(f"Nothing was restored. {error}") from error
        except DatabaseError as error:
            raise CommandError(f"Nothing was restored. {errors.words(error)}") from error
        self.stdout.write(
            f"Restored what was here at {done.made_at:%Y-%m-%d %H:%M:%S} UTC: {done.leads} leads, "
            f"{done.photographs} photographs; {done.erased_again} leads erased since were erased again.\n"
            f"Accounts that are on again, with their passwords and phones of then: {', '.join(done.accounts)}\n"
            f"At {settings.SITE_URL}/admin/ switch off who has left since. A password or phone that was changed since, "
            "lost or stolen: make_staff with --reset-second-factor, again."
        )
