"""Real sites to be ill-treated: on SQLite or PostgreSQL, and kept alive by supervisor as `make run` does."""

import os
import signal
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet

from tests.site import Site


class SupervisedSite(Site):
    """Web and mail worker under supervisor, which starts again what is killed."""

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.copy_prepared()
        self.start("serve", "manage.py", "serve")
        try:
            self.wait_until_ready(90)
        except BaseException:
            self.__exit__()
            raise
        return self

    def living(self) -> dict[str, list[int]]:
        """Return the ids of gunicorn's master, its workers and the mail worker, as they live now."""
        found: dict[str, list[int]] = {"master": [], "web": [], "mail": []}
        for supervisor in children(self.processes["serve"].pid):
            for pid in children(supervisor):
                is_mail = "manage.py" in command(pid)
                found["mail" if is_mail else "master"].append(pid)
                found["web"] += [] if is_mail else children(pid)
        return found

    def kill(self, kind: str, with_signal=signal.SIGKILL) -> bool:
        """Strike one process of this kind; return whether there was one."""
        for pid in self.living()[kind][:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, with_signal)
                return True
        return False


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


# --- Its database, past Django ---


def postgres_url(site: Site) -> str | None:
    url = site.environment.get("DATABASE_URL", "")
    return url if url.startswith("postgres") else None


def sqlite_file(site: Site) -> Path:
    return Path(site.environment.get("DATABASE_URL", f"{site.folder}/var/db.sqlite3").removeprefix("sqlite:///"))


def execute(site: Site, statement: str, *parameters: str) -> list[tuple]:
    """Run one statement; return its rows, if any."""
    if url := postgres_url(site):
        with psycopg.connect(url) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []
    with closing(sqlite3.connect(sqlite_file(site), timeout=20)) as connection, connection:
        return connection.execute(statement.replace("%s", "?"), parameters).fetchall()


def leads(site: Site) -> list[tuple[str, ...]]:
    """Return address, name, message and reference of all leads, read with the site's key."""
    key = Fernet((site.folder / "var" / "keys" / "field_keys").read_text().strip())
    rows = execute(site, "SELECT email, name, message, reference FROM contacts_lead")
    return [(*(key.decrypt(text).decode() for text in personal), reference) for *personal, reference in rows]


def let_an_hour_pass(site: Site) -> None:
    """Make due what was put off, and free what a worker that died had in hand (one that lives claimed just now)."""
    zone = "+00" if postgres_url(site) else ""
    now, just_claimed = (
        (datetime.now(UTC) + ahead).strftime("%Y-%m-%d %H:%M:%S.%f") + zone
        for ahead in (timedelta(), timedelta(minutes=5, seconds=-8))
    )
    execute(
        site,
        "UPDATE contacts_outboxemail SET due_at = %s, claimed_until = NULL "
        "WHERE sent_at IS NULL AND (due_at > %s AND claimed_until IS NULL OR claimed_until < %s)",
        now,
        now,
        just_claimed,
    )


@contextmanager
def write_lock(site: Site):
    """Hold, from another process than the site's, the lock that every new lead needs."""
    if url := postgres_url(site):
        with psycopg.connect(url) as connection:
            connection.execute("LOCK TABLE contacts_lead, questionnaire_dailytally IN EXCLUSIVE MODE")
            yield
            connection.rollback()
    else:
        with closing(sqlite3.connect(sqlite_file(site), isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.rollback()


@contextmanager
def database_away(site: Site):
    """Take the database from under a running site, and give it back."""
    if url := postgres_url(site):
        name = url.rpartition("/")[2]
        with psycopg.connect(url.rpartition("/")[0] + "/postgres", autocommit=True) as server:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            yield
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    else:
        hidden = sqlite_file(site).with_name("hidden")
        sqlite_file(site).rename(hidden)
        yield
        hidden.rename(sqlite_file(site))


def wait_until(condition, *, seconds=60, pause=0.1) -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, "it never came about"
        time.sleep(pause)
