"""Makes sealed copies of everything the site must not lose: database and photographs, never the keys."""

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
from typing import BinaryIO, cast

from django.conf import settings
from django.db import connection
from django.utils import timezone

from clinic.encryption import fingerprints
from clinic.encryption.sealed import Opener, Sealer
from clinic.operations import dumps

NAME = "clinic-{:%Y%m%d-%H%M%S}.sealed"
UNFINISHED = ".unfinished-"
# No backup is at work for so long: what is older was left behind by one that was killed.
LONGEST = timedelta(hours=6)


def make(folder: Path, *, now: datetime) -> Path:
    """Write a sealed copy into `folder`, read it back, and return its path; a failure leaves nothing behind."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The database in clear never lies in `folder`, which other machines fetch; what is sealed lies on its disk.
    with draft_in(settings.VAR_DIR) as private, draft_in(folder) as draft:
        dumps.copy_out(private / "database")
        manifest = {"made_at": now.isoformat(), "database": connection.vendor, "keys": fingerprints.needed()}
        sealed = draft / "sealed"
        with os.fdopen(os.open(sealed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            pack(Sealer(file, settings.BACKUP_KEY), manifest, private / "database")
            file.flush()
            os.fsync(file.fileno())
        with sealed.open("rb") as file:
            Opener(file, settings.BACKUP_KEY).read_to_the_end()
        # No restore may do without the list of erased ids, which names nobody: it lies beside the backups.
        own = settings.VAR_DIR / "erasures.log"
        join_erasures([own] if own.exists() else [], folder / own.name, draft)
        return sealed.replace(folder / NAME.format(now.astimezone(UTC)))


@contextmanager
def draft_in(place: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=place) as draft:
        yield Path(draft)


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


def join_erasures(lists: Iterable[Path], target: Path, draft: Path) -> None:
    """Write into `target` what it and `lists` hold, each line once; it never holds less than before, not even cut off.

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
    return sorted(folder.glob("clinic-*.sealed"))


def rotate(folder: Path, *, now: datetime) -> int:
    """Delete what is not of the last KEEP_BACKUP_DAYS, today's included, and unfinished copies; return how many.

    Days are days in Rome: a copy made at any hour goes by its last promised day, however late the nightly run begins.
    What is dated after tomorrow was made under a wrong clock, and would stay for too long.
    """
    today = datetime.combine(timezone.localdate(now), time.min)
    first, beyond = (
        NAME.format(timezone.make_aware(today + timedelta(days=days)).astimezone(UTC))
        for days in (1 - settings.KEEP_BACKUP_DAYS, 2)
    )
    old = [path for path in all_in(folder) if not first <= path.name < beyond]
    for path in old:
        path.unlink()
    for draft in left_behind(folder, now=now):
        shutil.rmtree(draft)
    return len(old)


def left_behind(folder: Path, *, now: datetime) -> Iterator[Path]:
    """Yield what backups into `folder` that were killed have left there and in VAR_DIR."""
    for place in {folder.resolve(), settings.VAR_DIR}:
        for draft in list(place.glob(f"{UNFINISHED}*")):
            # Another one may end, and take its own away, this very moment.
            with suppress(FileNotFoundError):
                if draft.stat().st_mtime < (now - LONGEST).timestamp():
                    yield draft
