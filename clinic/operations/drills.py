"""Restores the newest backup into a throw-away place, to see whether it would bring the site back: the drill."""

import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import ProgrammingError, connection, connections

from clinic import environment
from clinic.database import errors, sqlite_file
from clinic.database.errors import DATABASE_ERRORS
from clinic.encryption import age, fields
from clinic.models import Drill
from clinic.operations import backups
from clinic.operations.locks import exclusive
from contacts import addresses
from contacts.models import Lead

ALIAS = "drill"
# The worker sends no mail meanwhile, and another worker begins a second drill after an hour.
LONGEST = timedelta(minutes=50)
# A lead that is stored while a backup begins may be missing in it.
AT_THE_SAME_TIME = timedelta(minutes=1)
Outcome = Drill.Outcome


class Failed(Exception):
    """The newest backup would not bring the site back, or could not be tried; the message says why."""


def run(*, now: datetime) -> Drill:
    """Try the newest backup, delete everything again, and store and return what was found."""
    began, found = time.monotonic(), {"at": now, "backup": "", "leads": 0, "reason": ""}
    with exclusive(ALIAS):
        try:
            backup = newest()
            found["backup"] = backup.name
            found["outcome"], found["leads"] = examine(backup)
        except (Failed, age.Unreadable, OSError) as error:
            found |= {"outcome": Outcome.FAILED, "reason": str(error)}
        except DATABASE_ERRORS as error:
            found |= {"outcome": Outcome.FAILED, "reason": errors.message(error)}
        found["seconds"] = round(time.monotonic() - began, 1)
        return Drill.objects.update_or_create(pk=1, defaults=found)[0]


def newest() -> Path:
    folder = settings.VAR_DIR / "backups"
    if made := backups.all_in(folder):
        return made[-1]
    raise Failed(f"There is no backup in {folder}: clinic backup makes one.")


def examine(backup: Path) -> tuple[Outcome, int]:
    """Restore `backup` as far as this server can; return how far that is, and the number of leads in it."""
    if not settings.BACKUP_KEY:
        size = age.plain_size(backup)
        if size <= 0 or size % tarfile.RECORDSIZE:
            raise age.Unreadable(f"{backup} is cut off.")
        return Outcome.READ, 0
    if shutil.disk_usage(settings.VAR_DIR).free < 3 * backup.stat().st_size:
        raise Failed(f"There is no room for the drill: it needs three times the size of {backup}.")
    with throw_away_folder() as folder, throw_away_database(folder) as url:
        if not url:
            age.decrypt(backup, Path(os.devnull), settings.BACKUP_KEY)
            return Outcome.DECRYPTED, 0
        written_at = datetime.fromtimestamp(backup.stat().st_mtime, UTC)
        most = Lead.objects.filter(created_at__lte=written_at).count()
        restore(backup, folder, url)
        leads = read_leads()
        made_at = datetime.strptime(backup.name, "clinic-%Y%m%d-%H%M%S.age").replace(tzinfo=UTC)
        # Counted before and after the restore: leads are also erased meanwhile.
        least = Lead.objects.filter(created_at__lt=made_at - AT_THE_SAME_TIME).count()
    if leads < least:
        raise Failed(f"{backup} holds {leads} leads, and {least} of those here are older than it.")
    if leads > most:
        raise Failed(
            f"{leads - most} leads of {backup} were erased since, and a restore would bring them back: erasures.log of "
            "another machine of the site belongs beside the backups (docs/operations.md)."
        )
    return Outcome.RESTORED, leads


@contextmanager
def throw_away_folder() -> Iterator[Path]:
    """Make an empty folder; one that a killed drill left is deleted, here or by the next backup."""
    folder = settings.VAR_DIR / f"{backups.UNFINISHED}drill"
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def throw_away_database(folder: Path) -> Iterator[str]:
    """Yield the address of an empty database, which `connections[ALIAS]` opens; '' where none may be created."""
    name, url = sqlite_file.uri(folder / "db.sqlite3"), f"sqlite:///{quote(str(folder / 'db.sqlite3'))}"
    is_server = connection.vendor == "postgresql"
    if is_server:
        live = urlsplit(environment.text("DATABASE_URL"))
        name, url = f"{connection.settings_dict['NAME']}_drill", live._replace(path=f"{live.path}_drill").geturl()
        try:
            drop_database(name)
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)} TEMPLATE template0")
        except ProgrammingError:  # the role lacks CREATEDB
            yield ""
            return
    connections.settings[ALIAS] = connection.settings_dict | {"NAME": name}
    try:
        yield url
    finally:
        connections[ALIAS].close()
        del connections[ALIAS], connections.settings[ALIAS]
        if is_server:
            drop_database(name)


def drop_database(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)} WITH (FORCE)")


def restore(backup: Path, folder: Path, database_url: str) -> None:
    """Run the operator's own command in a process whose VAR_DIR and database are the throw-away ones."""
    own = settings.VAR_DIR / "erasures.log"
    erasures = ["--erasures", str(own)] if own.exists() else []
    keys = {name: getattr(settings, name) for name in ("SECRET_KEY", "DIGEST_KEY", "BACKUP_KEY", "BACKUP_RECIPIENT")}
    place = {"VAR_DIR": str(folder), "DATABASE_URL": database_url, "FIELD_KEYS": ",".join(settings.FIELD_KEYS)}
    try:
        done = subprocess.run(
            [sys.executable, "manage.py", "restore", str(backup), *erasures],
            cwd=settings.BASE_DIR,
            env=os.environ | keys | place,
            capture_output=True,
            text=True,
            timeout=LONGEST.total_seconds(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{backup} was not restored within {LONGEST}.") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"The restore ended with {done.returncode}."]
        raise Failed(lines[-1].removeprefix("CommandError: "))


def read_leads() -> int:
    """Decrypt the oldest and the newest lead of the restored database; return how many there are."""
    leads = Lead.objects.using(ALIAS)
    try:
        for lead in (leads.first(), leads.last()):
            if lead and addresses.digest(lead.email) != lead.email_digest:
                raise Failed("The leads restored cannot be found by their address: DIGEST_KEY is another one.")
    except fields.WrongKey as error:
        raise Failed("The leads restored cannot be read: FIELD_KEYS are others.") from error
    return leads.count()
