"""Moves everything from SQLite to an empty PostgreSQL: row by row inside this process, nothing in clear on the way."""

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connections, transaction
from django.db.models import Model

from clinic.database import errors

NEW = "new"


class Refused(Exception):
    """The move would do harm or cannot work; the message says why and what helps."""


def move(target: dict) -> int:
    """Copy every row to the database that `target` describes, put the SQLite file aside, return the number of rows."""
    connections.settings[NEW] = connections.settings["default"] | {"OPTIONS": {}} | target
    if connections["default"].vendor != "sqlite" or connections[NEW].vendor != "postgresql":
        raise Refused("The move goes from SQLite (DATABASE_URL as it is) to PostgreSQL (NEW_DATABASE_URL).")
    if connections[NEW].introspection.table_names():
        raise Refused("The new database is not empty, and nothing is written over: make an empty one.")
    call_command("migrate", database=NEW, verbosity=0, interactive=False)
    models = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    # The outer transaction is SQLite's one writer: nobody writes there until the file is put aside.
    with transaction.atomic("default"):
        # Ended before that: only the commit finds references that lead nowhere.
        with transaction.atomic(NEW):
            empty(models)
            rows = sum(copy(model) for model in models)
            count_again(models)
        put_aside()
    return rows


def empty(models: list[type[Model]]) -> None:
    """Take away the rows that migrate makes by itself: the old ones come with their own numbers."""
    with connections[NEW].cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(quoted(model) for model in models)}")


def copy(model: type[Model]) -> int:
    rows = 0
    for row in model._base_manager.using("default").iterator(chunk_size=500):
        # raw: every column as it stands, no time made new on saving.
        row.save_base(raw=True, using=NEW, force_insert=True)
        rows += 1
    with connections[NEW].cursor() as cursor:
        for statement in connections[NEW].ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)
    return rows


def count_again(models: list[type[Model]]) -> None:
    for model in models:
        counts = {model._base_manager.using(name).count() for name in ("default", NEW)}
        if len(counts) > 1:
            raise Refused(f"{model._meta.label} has another number of rows there: nothing was moved.")


def put_aside() -> None:
    """Rename the old file: a process that was not stopped finds no database, rather than write where nobody looks."""
    settings.SQLITE_FILE.rename(errors.aside(settings.SQLITE_FILE))


def quoted(model: type[Model]) -> str:
    return connections[NEW].ops.quote_name(model._meta.db_table)
