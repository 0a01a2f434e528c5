import os

import environ
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinic.database import sqlite_file
from clinic.database.errors import DATABASE_ERRORS
from clinic.encryption.fields import WrongKey
from clinic.management.commands.serve import answers_ready
from clinic.operations import moves


class Command(BaseCommand):
    help = "Move everything from SQLite to the empty PostgreSQL named in NEW_DATABASE_URL, while the site is stopped."

    def handle(self, **options):
        try:
            target = environ.Env.db_url_config(os.environ["NEW_DATABASE_URL"])
        except KeyError:
            raise CommandError("Set NEW_DATABASE_URL, like postgres://user:password@host:5432/name.") from None
        if answers_ready():
            raise CommandError(f"The site is running on port {settings.PORT}: stop it (web and worker) first.")
        try:
            rows = moves.move(target)
        except moves.Refused as error:
            raise CommandError(str(error)) from error
        except (WrongKey, *DATABASE_ERRORS) as error:
            raise CommandError(f"Nothing was moved; begin again with an empty new database. {error}") from error
        moved = sqlite_file.moved_path(settings.SQLITE_FILE)
        self.stdout.write(
            f"{rows} rows moved. Set DATABASE_URL to the new address and start the site. {moved} still holds "
            "every lead, and no erasure reaches it: delete it once you are sure. The doctor reports it until then."
        )
