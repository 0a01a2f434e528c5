"""Moves everything from SQLite to an empty PostgreSQL database, over Django's own dumpdata and loaddata."""

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction

from clinic.database import sqlite_file
from clinic.operations import backups

NEW = "new"


class Refused(Exception):
    """The move would do harm or cannot work; the message says why and what helps."""


def move(target: dict) -> int:
    """Copy every row to the database that `target` describes, rename the SQLite file, return the number of rows."""
    connections.settings[NEW] = connections.settings["default"] | {"OPTIONS": {}} | target
    if connections["default"].vendor != "sqlite" or connections[NEW].vendor != "postgresql":
        raise Refused("The move goes from SQLite (DATABASE_URL as it is) to PostgreSQL (NEW_DATABASE_URL).")
    if connections[NEW].introspection.table_names():
        raise Refused("The new database is not empty, and nothing is written over: make an empty one.")
    call_command("migrate", database=NEW, verbosity=0, interactive=False)
    # The outer transaction is SQLite's one writer: nobody writes there until the file is renamed.
    with backups.draft_in(settings.VAR_DIR) as draft, transaction.atomic("default"):
        dump = str(draft / "dump.jsonl")
        call_command("dumpdata", format="jsonl", use_base_manager=True, output=dump, verbosity=0)
        # Ends inside the outer one: only its commit finds references that lead nowhere.
        with transaction.atomic(NEW):
            # The rows that migrate creates by itself (permissions): the old ones come with their own numbers.
            call_command("flush", database=NEW, inhibit_post_migrate=True, verbosity=0, interactive=False)
            call_command("loaddata", dump, database=NEW, verbosity=0)
            rows = count_both()
        rename_file()
    return rows


def rename_file() -> None:
    """Rename the old file: a process that was not stopped finds no database, and writes nothing that gets lost."""
    old = settings.SQLITE_FILE
    try:
        old.rename(sqlite_file.moved_path(old))
    except OSError as error:
        raise Refused(
            f"Every row is in the new database, but {old} cannot be renamed ({error.strerror}): rename it by hand to "
            f"{sqlite_file.moved_path(old)} before the site starts again."
        ) from error


def count_both() -> int:
    """Return the number of rows; raise Refused unless both databases have as many in each table."""
    rows = 0
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy:
            continue
        old, new = (model._base_manager.using(name).count() for name in ("default", NEW))
        if old != new:
            raise Refused(f"{model._meta.label} has {new} rows there instead of {old}: nothing was moved.")
        rows += new
    return rows
