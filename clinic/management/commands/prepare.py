import hashlib
import os
import sys

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from clinic import facts
from clinic.database import errors, sqlite_file
from clinic.database.errors import DATABASE_ERRORS
from clinic.encryption import fingerprints
from clinic.http import static_files
from clinic.operations.locks import exclusive, exclusive_database

RECORD = "postgresql"


class Command(BaseCommand):
    help = "Make the site ready to serve: folder, database, first content, static files."
    requires_system_checks = []

    def handle(self, **options):
        make_folder()
        # Two at once would both create the file and its tables.
        with exclusive("prepare"):
            sqlite_file.create_if_new(connection)
            print("Preparing database, content and static files ...", file=sys.stderr)
            try:
                connection.ensure_connection()
            except DATABASE_ERRORS as error:
                raise CommandError(errors.message(error)) from error
            # Two machines with different keys would both leave theirs.
            with exclusive_database():
                require_own_database()
                call_command("migrate", verbosity=0, interactive=False)
                fingerprints.verify()
                call_command("load_content")
                record_database()
            # The development server serves them from where they are written.
            if not settings.DEBUG:
                collect_static_files()
        if settings.HTTPS and (gaps := facts.read().identity_gaps()):
            print(f"The site is not lawful yet, fill in at /admin/: {', '.join(gaps)}.", file=sys.stderr)


def make_folder():
    try:
        settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{settings.VAR_DIR} cannot be made ({error.strerror}): set VAR_DIR.") from error
    if not os.access(settings.VAR_DIR, os.W_OK | os.X_OK):
        raise CommandError(f"{settings.VAR_DIR} cannot be written: let this user write there, or set VAR_DIR.")


def require_own_database():
    """Raise CommandError for an empty PostgreSQL database where this site had a filled one: its address is wrong."""
    if connection.vendor != "postgresql" or connection.introspection.table_names():
        return
    file = settings.SQLITE_FILE
    traces = [settings.VAR_DIR / RECORD, file, *sqlite_file.leftovers(settings.VAR_DIR, file)]
    if left := [path for path in traces if path.exists()]:
        raise CommandError(
            f"The PostgreSQL database {connection.settings_dict['NAME']} is empty, but this site has had a database "
            f"({left[0]} is left of it): correct DATABASE_URL, restore a backup or use clinic move_database "
            "(docs/operations.md). A new site wants another VAR_DIR."
        )


def record_database():
    """Leave a sign in VAR_DIR that the site has a database on a server (in VAR_DIR itself SQLite leaves its file)."""
    if connection.vendor == "postgresql":
        record = settings.VAR_DIR / RECORD
        record.touch(mode=0o600)
        record.write_text("{HOST}/{NAME}\n".format(**connection.settings_dict))


def collect_static_files():
    """Collect, hash and compress the static files, unless neither they nor our code for it changed since last time.

    Files of an earlier version of the site stay: its pages may still be open or cached.
    """
    sources = sorted(storage.path(path) for finder in get_finders() for path, storage in finder.list([]))
    sources.append(static_files.__file__)
    state = hashlib.sha256()
    for source in sources:
        status = os.stat(source)
        state.update(f"{source} {status.st_size} {status.st_mtime_ns}\n".encode())
    stamp, index = settings.STATIC_ROOT / ".collected", settings.STATIC_ROOT / "staticfiles.json"
    # `rm static/*` leaves a hidden stamp behind.
    if index.exists() and stamp.exists() and stamp.read_text() == state.hexdigest():
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(state.hexdigest())
