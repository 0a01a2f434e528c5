"""Makes encrypted copies of everything the site must not lose: database and photographs, never the keys."""

import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from clinic.encryption import age, fingerprints
from clinic.operations import dumps
from clinic.operations.locks import exclusive

NAME = "clinic-{:%Y%m%d-%H%M%S}.age"
UNFINISHED = ".unfinished-"
# No backup takes so long: what is older was left behind by a process that was killed.
LONGEST = timedelta(hours=6)


def make(folder: Path, *, now: datetime) -> Path:
    """Write an encrypted copy into `folder`, read it back, and return its path; a failure leaves nothing behind."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # What is not encrypted never lies in `folder`, which other machines fetch; what is encrypted lies on its disk.
    with exclusive("backup"), draft_in(settings.VAR_DIR) as private, draft_in(folder) as draft:
        dumps.copy_out(private / "database")
        manifest = {"made_at": now.isoformat(), "database": connection.vendor, "keys": fingerprints.needed()}
        pack(private / "archive.tar", manifest, private / "database")
        backup = draft / "backup.age"
        written = age.encrypt(private / "archive.tar", backup, settings.BACKUP_RECIPIENT)
        age.verify(backup, sha256=written, private_key=settings.BACKUP_KEY)
        # A restore needs the list of erased ids, which identifies nobody: it lies beside the backups.
        own = settings.VAR_DIR / "erasures.log"
        join_erasures([own] if own.exists() else [], folder / own.name, draft)
        return backup.replace(folder / NAME.format(now.astimezone(UTC)))


@contextmanager
def draft_in(place: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=place) as draft:
        yield Path(draft)


def pack(target: Path, manifest: dict, database: Path) -> None:
    """Write manifest, database and photographs, in this order, into the new tar file `target`."""
    with tarfile.open(target, mode="x", format=tarfile.PAX_FORMAT) as archive:
        content = json.dumps(manifest).encode()
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
        archive.add(database, "database")
        for photograph in sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()):
            try:
                archive.add(photograph, f"media/{photograph.relative_to(settings.MEDIA_ROOT)}")
            except FileNotFoundError:
                continue  # replaced by staff at this moment


def join_erasures(lists: Iterable[Path], target: Path, draft: Path) -> None:
    """Write into `target` what it and `lists` hold, each line once; it never holds less than before.

    `draft` is a folder on the same disk.
    """
    known = [target] if target.exists() else []
    lines = dict.fromkeys(line for path in [*known, *lists] for line in path.read_text().splitlines(keepends=True))
    joined = draft / target.name
    with os.fdopen(os.open(joined, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    joined.replace(target)


def all_in(folder: Path) -> list[Path]:
    """Return the backups in `folder`, oldest first."""
    return sorted(folder.glob("clinic-*.age"))


def rotate(folder: Path, *, now: datetime) -> int:
    """Delete backups that are not of the last KEEP_BACKUP_DAYS, and unfinished ones; return how many were deleted.

    Days are days in Rome, today's included: a backup made at any hour goes by its last promised day, however late the
    nightly run begins. One dated after tomorrow was made under a wrong clock, and would stay for too long.
    """
    today = datetime.combine(timezone.localdate(now), time.min)
    first, beyond = (
        Path(NAME.format(timezone.make_aware(today + timedelta(days=days)).astimezone(UTC))).stem
        for days in (1 - settings.KEEP_BACKUP_DAYS, 2)
    )
    # Those of the format before age hold erased people as well.
    backups = [*all_in(folder), *folder.glob("clinic-*.sealed")]
    old = [path for path in backups if not first <= path.stem < beyond]
    for path in old:
        path.unlink(missing_ok=True)
    for draft in left_behind(folder, now=now):
        shutil.rmtree(draft, ignore_errors=True)
    return len(old)


def left_behind(folder: Path, *, now: datetime) -> Iterator[Path]:
    """Yield what backups into `folder` that were killed left there and in VAR_DIR."""
    for place in {folder.resolve(), settings.VAR_DIR}:
        for draft in list(place.glob(f"{UNFINISHED}*")):
            # Another backup may end at this moment, and delete its own.
            with suppress(FileNotFoundError):
                if draft.stat().st_mtime < (now - LONGEST).timestamp():
                    yield draft
