"""Restores a backup into an empty place, and re-applies later erasures."""

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection

from clinic.encryption import age, fingerprints
from clinic.operations import backups, dumps
from contacts.models import Lead
from contacts.privacy import erasure


class Refused(Exception):
    """The restore would do harm or cannot work; the message says why and what helps."""


@dataclass(frozen=True)
class Restored:
    """What was restored."""

    made_at: datetime
    leads: int
    photographs: int
    erased_again: int
    accounts: list[str]


def restore(source: Path, *, erasures: list[Path]) -> Restored:
    """Restore `source` and apply the lists of erased ids; the SQLite file is put in place last."""
    refuse_unless_empty()
    for path in erasures:
        refuse_unless_a_list(path)
    own = settings.VAR_DIR / "erasures.log"
    draft = Path(tempfile.mkdtemp(prefix=".restore-", dir=settings.VAR_DIR))
    try:
        backups.join_erasures(erasures, own, draft)
        made_at = unpack(source, draft)
        # Before the database: without one nothing is in use yet, and a second try finds an empty place.
        with photographs_in_place(draft / "media") as photographs:
            load(draft / "database")
            call_command("migrate", verbosity=0, interactive=False)
            erased_again = erasure.apply_log(own)
            leads = Lead.objects.count()
            # Sessions that ended since would be valid again.
            Session.objects.all().delete()
            active = get_user_model().objects.filter(is_active=True)
            accounts = list(active.order_by("username").values_list("username", flat=True))
            connection.close()
            put_in_place(draft / "database")
    finally:
        shutil.rmtree(draft)
    return Restored(made_at, leads, photographs, erased_again, accounts)


def refuse_unless_empty() -> None:
    if connection.vendor == "sqlite":
        is_empty = not settings.SQLITE_FILE.exists() or not settings.SQLITE_FILE.stat().st_size
        # Beside a database they belong to it, and after a power cut hold its latest transactions.
        if is_empty:
            refuse_leftover_logs()
    else:
        is_empty = not connection.introspection.table_names()
    if not is_empty:
        raise Refused("There is a database here already, and nothing is written over: restore into an empty place.")
    if settings.MEDIA_ROOT.is_dir() and any(settings.MEDIA_ROOT.iterdir()):
        raise Refused(
            f"There are photographs in {settings.MEDIA_ROOT} already: restore into an empty place. "
            "(A restore that was killed leaves its own there: empty that folder.)"
        )


def refuse_leftover_logs() -> None:
    """SQLite would apply them to the restored file: erased rows would come back, or the file would break."""
    left = [f"{settings.SQLITE_FILE}{ending}" for ending in ("-wal", "-shm", "-journal")]
    if left := [name for name in left if Path(name).exists()]:
        raise Refused(f"Left over from a database that was here: {', '.join(left)}. Move them elsewhere, then restore.")


def unpack(source: Path, draft: Path) -> datetime:
    """Decrypt the backup `source` and unpack it into `draft`; return when it was made."""
    refuse_old_format(source)
    if not settings.BACKUP_KEY:
        raise Refused(
            "BACKUP_KEY, the key that opens backups, is not on this machine: put its file (AGE-SECRET-KEY-1...) at "
            f"{settings.KEYS_DIR / 'backup_key'}, or set BACKUP_KEY for this command."
        )
    tar = draft / "archive.tar"
    age.decrypt(source, tar, settings.BACKUP_KEY)
    with tarfile.open(tar, mode="r:") as archive:
        # Python before 3.11.4 has no filter.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # type: ignore[assignment]
        entries = archive.getmembers()
        refuse_unless_of_a_backup(entries)
        manifest = json.load(archive.extractfile(entries[0]))  # type: ignore[arg-type]
        refuse_unless_fitting(manifest)
        for entry in entries[1:]:
            archive.extract(entry, draft)
    tar.unlink()
    return datetime.fromisoformat(manifest["made_at"])


def refuse_old_format(source: Path) -> None:
    with source.open("rb") as file:
        if file.read(16) == b"clinic sealed 1\n":
            raise Refused(
                f"{source} has the format from before December 2026: restore it with that release "
                "(git checkout 1d6d6d6) and its BACKUP_KEY, then upgrade."
            )


def refuse_unless_of_a_backup(entries: list[tarfile.TarInfo]) -> None:
    """Refuse an archive that a backup never writes: anyone with the public key can encrypt one."""
    for entry in entries:
        path = PurePosixPath(entry.name)
        is_known = entry.name in {"manifest.json", "database"} or path.parts[0] == "media"
        if not (is_known and entry.isfile()) or ".." in path.parts:
            raise Refused(f"{entry.name} is nothing that a backup of this site holds.")
    if not entries or entries[0].name != "manifest.json":
        raise Refused("This is no backup of this site: it has no manifest.")


def refuse_unless_fitting(manifest: dict) -> None:
    if manifest["database"] != connection.vendor:
        raise Refused(
            f"This backup is of {manifest['database']}, and DATABASE_URL names {connection.vendor}: change it."
        )
    # SECRET_KEY reads nothing, and may have been changed since.
    if names := fingerprints.missing((name, mark) for name, mark in manifest["keys"] if name != "SECRET_KEY"):
        raise Refused(fingerprints.refusal(names))


def load(database: Path) -> None:
    """Connect the site to the restored database."""
    connection.close()
    if connection.vendor == "sqlite":
        dumps.check_sqlite(database)
        connection.settings_dict["NAME"] = f"{database.as_uri()}?mode=rw"
    else:
        dumps.copy_in(database)


def refuse_unless_a_list(path: Path) -> None:
    """Refuse another file named by mistake: taken for an empty list, it would let erased people come back."""
    try:
        text = path.read_text()
        is_list = not text or bool(erasure.ENTRY.search(text))
    except UnicodeDecodeError:
        is_list = False
    if not is_list:
        raise Refused(f"{path} is not a list of erased ids: name the erasures.log of a machine of the site.")


@contextmanager
def photographs_in_place(restored: Path) -> Iterator[int]:
    """Move the photographs into MEDIA_ROOT, yield their number, and remove them again on an error.

    MEDIA_ROOT may be another disk (NFS): it is kept, and its entries are moved one by one.
    """
    entries = list(restored.iterdir()) if restored.is_dir() else []
    number = sum(path.is_file() for path in restored.rglob("*"))
    try:
        settings.MEDIA_ROOT.mkdir(exist_ok=True)
        for entry in entries:
            shutil.move(entry, settings.MEDIA_ROOT / entry.name)
        yield number
    except BaseException:
        for entry in entries:
            shutil.rmtree(settings.MEDIA_ROOT / entry.name, ignore_errors=True)
        raise


def put_in_place(database: Path) -> None:
    """Move a restored SQLite file to SQLITE_FILE."""
    if connection.vendor == "sqlite":
        database.chmod(0o600)
        database.replace(settings.SQLITE_FILE)
    os.sync()
