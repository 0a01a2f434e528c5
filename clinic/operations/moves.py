"""Moves everything from SQLite to an empty PostgreSQL database, row by row in one process."""

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connections, transaction
from django.db.models import Model

from clinic.database import sqlite_file

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
    # The rows that migrate creates (permissions): the old ones come with their own numbers.
    call_command("flush", database=NEW, inhibit_post_migrate=True, verbosity=0, interactive=False)
    models = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    # The outer transaction is SQLite's one writer: nobody writes there until the file is renamed.
    with transaction.atomic("default"):
        # Ends inside the outer one: only its commit finds references that lead nowhere.
        with transaction.atomic(NEW):
            rows = sum(copy(model) for model in models)
            compare_counts(models)
        rename_file()
    return rows


def copy(model: type[Model]) -> int:
    """Copy every row as loaddata saves it; return how many.

    No dump in between: in JSON times lose their microseconds, in XML texts their line ends.
    """
    rows = 0
    for row in model._base_manager.using("default").iterator(chunk_size=500):
        row.save_base(raw=True, using=NEW, force_insert=True)
        rows += 1
    with connections[NEW].cursor() as cursor:
        for statement in connections[NEW].ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)
    return rows


def compare_counts(models: list[type[Model]]) -> None:
    """Raise Refused unless both databases have as many rows in each table."""
    for model in models:
        old, new = (model._base_manager.using(name).count() for name in ("default", NEW))
        if old != new:
            raise Refused(f"{model._meta.label} has {new} rows there instead of {old}: nothing was moved.")


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
