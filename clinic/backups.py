"""Makes sealed copies of everything the site must not lose: database and photographs, never the keys."""

import io
import json
import os
import shutil
import tarfile
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.db import connection

from clinic import database_copies, keys_in_use
from clinic.sealed import Opener, Sealer

NAME = "clinic-{:%Y%m%d-%H%M%S}.sealed"
# A copy left behind by a backup that was killed.
UNFINISHED = ".unfinished-"


def make(folder: Path, *, now: datetime) -> Path:
    """Write a sealed copy into `folder`, read it back, and return its path; a failure leaves nothing behind."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder))
    try:
        database_copies.copy_out(draft / "database")
        manifest = {"made_at": now.isoformat(), "database": connection.vendor, "keys": keys_in_use.needed()}
        sealed = draft / "sealed"
        with os.fdopen(os.open(sealed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            pack(Sealer(file, settings.BACKUP_KEY), manifest, draft / "database")
            file.flush()
            os.fsync(file.fileno())
        with sealed.open("rb") as file:
            Opener(file, settings.BACKUP_KEY).read_to_the_end()
        copy_erasures(folder, draft)
        return sealed.replace(folder / NAME.format(now.astimezone(UTC)))
    finally:
        shutil.rmtree(draft)


def pack(sealer: Sealer, manifest: dict, database: Path) -> None:
    """Write manifest, database and photographs, in this order, and close the seal."""
    with tarfile.open(fileobj=cast(BinaryIO, sealer), mode="w|", format=tarfile.PAX_FORMAT) as archive:
        content = json.dumps(manifest).encode()
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
        archive.add(database, "database")
        for photograph in sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()):
            try:
                archive.add(photograph, f"media/{photograph.relative_to(settings.MEDIA_ROOT)}")
            except FileNotFoundError:
                continue  # replaced by staff this very moment
    sealer.close()


def copy_erasures(folder: Path, draft: Path) -> None:
    """Lay the list of erased ids, which names nobody, beside the backups: no restore may do without it."""
    erasures = settings.VAR_DIR / "erasures.log"
    copy = draft / "erasures.log"
    copy.touch(mode=0o600)
    copy.write_bytes(erasures.read_bytes() if erasures.exists() else b"")
    copy.replace(folder / copy.name)


def all_in(folder: Path) -> list[Path]:
    """Return the backups in `folder`, oldest first."""
    return sorted(folder.glob("clinic-*.sealed"))


def rotate(folder: Path, *, keep_days: int, now: datetime) -> int:
    """Delete backups older than `keep_days` (never the newest) and unfinished ones of days past; return how many."""
    oldest_kept = NAME.format((now - timedelta(days=keep_days)).astimezone(UTC))
    old = [path for path in all_in(folder)[:-1] if path.name < oldest_kept]
    for path in old:
        path.unlink()
    for draft in folder.glob(f"{UNFINISHED}*"):
        if draft.stat().st_mtime < (now - timedelta(days=1)).timestamp():
            shutil.rmtree(draft)
    return len(old)
