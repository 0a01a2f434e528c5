"""Checks of what the site keeps: database, disk, files, keys."""

from django.conf import settings
from django.db import connection

from clinic.database import errors
from clinic.database.errors import DATABASE_ERRORS
from clinic.encryption import fields, fingerprints
from clinic.http import health
from clinic.operations import backups, dumps
from clinic.operations.doctor.problem import Problem
from contacts import addresses
from contacts.models import Lead

ENOUGH_FREE_BYTES = 1024**3


def database(now):
    try:
        missing = health.missing_migrations()
    except DATABASE_ERRORS as error:
        raise Problem(f"does not answer: {errors.reason(error)}", errors.hint(error)) from error
    if missing:
        raise Problem(f"lacks {missing} migrations", "Run: clinic prepare")
    if connection.vendor == "sqlite":
        try:
            dumps.check_sqlite(settings.SQLITE_FILE)
        except dumps.CopyFailed as error:
            raise Problem("is damaged", str(error)) from error
    return f"{connection.vendor} answers, is sound and up to date"


def disk(now):
    if not health.disk_has_room(least_bytes=ENOUGH_FREE_BYTES):
        raise Problem(
            f"less than {ENOUGH_FREE_BYTES >> 30} GiB free, or not writable, at {settings.VAR_DIR}",
            "Make room: journalctl --vacuum-size=200M, older files in backups/ once they are copied elsewhere.",
        )
    return "has room"


def private_files(now):
    private = [settings.SQLITE_FILE, settings.VAR_DIR / "erasures.log"]
    private += [*(settings.VAR_DIR / "keys").glob("*"), *(settings.VAR_DIR / "backups").glob("*")]
    private = [path for path in private if path.exists()]
    if opened := [str(path) for path in private if path.stat().st_mode & 0o077]:
        raise Problem(f"other users may read {', '.join(opened)}", f"Run: chmod go= {' '.join(opened)}")
    # It may hold keys and passwords; its group is the site's.
    dotenv = settings.BASE_DIR / ".env"
    if dotenv.exists() and dotenv.stat().st_mode & 0o007:
        raise Problem(f"other users may read {dotenv}", f"Run: chmod o= {dotenv}")
    owner = settings.VAR_DIR.stat().st_uid
    if foreign := [str(path) for path in private if path.stat().st_uid != owner]:
        raise Problem(
            f"{', '.join(foreign)} does not belong to the site's user: the site cannot write there",
            f"Run as root: chown --reference={settings.VAR_DIR} {' '.join(foreign)}",
        )
    return "only the site's user reads database, keys and backups"


def old_copies(now):
    """No erasure or purge reaches these files."""
    file = settings.SQLITE_FILE
    left = {*file.parent.glob(f"{file.name}*"), *settings.VAR_DIR.glob(".restore-*")}
    left.update(backups.left_behind(settings.VAR_DIR / "backups", now=now))
    if connection.vendor == "sqlite":
        # After a move to PostgreSQL these are leftovers too.
        left -= {file.with_name(f"{file.name}{ending}") for ending in ("", "-wal", "-shm", "-journal")}
    if names := sorted(str(path) for path in left if path.exists()):
        raise Problem(
            f"leads, also erased ones, may still be in {', '.join(names)}",
            f"When you are sure that the site has all it needs: rm -r {' '.join(names)}",
        )
    return "none besides the backups"


def keys(now):
    if names := fingerprints.missing(fingerprints.needed()):
        raise Problem("cannot read the data", fingerprints.refusal(names))
    try:
        for lead in (Lead.objects.first(), Lead.objects.last()):
            if lead and addresses.digest(lead.email) != lead.email_digest:
                raise Problem("cannot find people by their address", fingerprints.refusal({"DIGEST_KEY"}))
    except fields.WrongKey:
        raise Problem("cannot read the data", fingerprints.refusal({"FIELD_KEYS"})) from None
    return "read the oldest and the newest lead"


def backup_key(now):
    if settings.BACKUP_KEY:
        return "this server holds the key that opens its backups"
    return "this server cannot open its backups: the key for BACKUP_RECIPIENT is kept elsewhere"
