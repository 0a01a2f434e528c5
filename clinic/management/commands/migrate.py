from django.core.management.commands import migrate
from django.db import connections

from clinic.database import sqlite_file


class Command(migrate.Command):
    """Django's migrate, which also creates the SQLite file of a new site (nothing else ever does)."""

    def execute(self, *args, **options):
        # Before Django's checks, which open the database to ask what it can do.
        sqlite_file.create_if_new(connections[options["database"]])
        return super().execute(*args, **options)
