"""Copies the whole database into one file and back, with the tools of SQLite or PostgreSQL."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connection

OPTIONS = {"host", "sslmode", "sslrootcert", "sslcert", "sslkey"}


class CopyFailed(Exception):
    """The database could not be copied; the message says why and what helps."""


def copy_out(target: Path) -> None:
    """Write a snapshot of the database to the new file `target`, without blocking writers."""
    # A database that does not answer raises here what clinic.database.errors describes.
    connection.ensure_connection()
    target.touch(mode=0o600, exist_ok=False)
    if connection.vendor == "sqlite":
        try:
            with closing(sqlite3.connect(target)) as copy:
                connection.connection.backup(copy)
                # One file, without a log beside it.
                copy.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.Error as error:
            raise CopyFailed(f"The database could not be copied to {target.parent} ({error}).") from error
        check_sqlite(target)
    else:
        run_client("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def copy_in(source: Path) -> None:
    """Fill the empty PostgreSQL database from `source`, all or nothing."""
    name = connection.settings_dict["NAME"]
    rules = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    run_client("pg_restore", *rules, f"--dbname={name}", str(source))


def check_sqlite(file: Path) -> None:
    """Raise CopyFailed unless every page, index and reference in the SQLite file is sound."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)) as copy:
            (answer,) = copy.execute("PRAGMA integrity_check").fetchone()
            is_sound = answer == "ok" and not copy.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        answer, is_sound = str(error), False
    if not is_sound:
        raise CopyFailed(f"The database is damaged ({answer}): stop the site and restore the newest sound backup.")


def run_client(*command: str) -> None:
    """Run one of PostgreSQL's client programs; the password is passed in the environment."""
    given = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    environment = {name: str(given[key]) for name, key in names.items() if given.get(key)}
    options = {f"PG{key.upper()}": str(value) for key, value in given.get("OPTIONS", {}).items() if key in OPTIONS}
    try:
        done = subprocess.run(
            command, env=os.environ | environment | options, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise CopyFailed(f"{command[0]} is missing: on Debian, apt install postgresql-client.") from None
    if done.returncode:
        raise CopyFailed(f"{command[0]} failed: {done.stderr.strip()}")
