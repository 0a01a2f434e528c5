"""Django's SQLite backend, whose connections are kept until their file is moved or replaced."""

import os

from django.conf import settings
from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Closes a kept connection at the next request once a restore has replaced its file."""

    opened: tuple[int, int] | None

    def get_new_connection(self, conn_params):
        self.opened = file_in_place()
        return super().get_new_connection(conn_params)

    def is_usable(self):
        return self.opened == file_in_place()


def file_in_place() -> tuple[int, int] | None:
    """Return what identifies the database file; None when there is none."""
    try:
        found = os.stat(settings.SQLITE_FILE)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
