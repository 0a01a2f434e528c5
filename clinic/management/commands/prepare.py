import hashlib
import os
import sys

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from clinic import facts
from clinic.database import errors
from clinic.encryption import fingerprints
from clinic.http import static_files


class Command(BaseCommand):
    help = "Make everything ready to serve: database, first content, static files; says what is in the way."
    requires_system_checks = []

    def handle(self, **options):
        if not os.access(settings.VAR_DIR, os.W_OK | os.X_OK):
            raise CommandError(f"{settings.VAR_DIR} cannot be written: let this user write there, or set VAR_DIR.")
        print("Preparing database, content and static files ...", file=sys.stderr)
        try:
            connection.ensure_connection()
        except DatabaseError as error:
            raise CommandError(errors.words(error)) from error
        call_command("migrate", verbosity=0, interactive=False)
        fingerprints.verify()
        call_command("load_content")
        if settings.HTTPS and (gaps := facts.read().identity_gaps()):
            print(f"The site is not lawful yet, fill in at /admin/: {', '.join(gaps)}.", file=sys.stderr)
        # The development server serves them from where they are written.
        if not settings.DEBUG:
            collect_static_files()


def collect_static_files():
    """Collect, hash and compress the static files, unless they, and how we do it, are just as they were last time.

    What an earlier version of the site used stays: pages of that version may still be open or cached.
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
