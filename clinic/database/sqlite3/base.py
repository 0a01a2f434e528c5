"""Django's SQLite, with connections that are kept until their file is moved away or another takes its place."""

import os

from django.conf import settings
from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A kept connection would go on reading and writing a file that a restore has replaced: it asks at each request."""

    opened: tuple[int, int] | None

    def get_new_connection(self, conn_params):
        self.opened = file_in_place()
        return super().get_new_connection(conn_params)

    def is_usable(self):
        return self.opened == file_in_place()


def file_in_place() -> tuple[int, int] | None:
    """Return what tells the database file from any other; None when there is none."""
    try:
        found = os.stat(settings.SQLITE_FILE)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
