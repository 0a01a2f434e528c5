from django.core.management.commands import migrate
from django.db import connections

from clinic.database import sqlite_file


class Command(migrate.Command):
    """Django's migrate, which also creates the SQLite file of a new site (nothing else ever does)."""

    def handle(self, *args, **options):
        sqlite_file.create_if_new(connections[options["database"]])
        super().handle(*args, **options)
