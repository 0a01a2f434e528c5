"""Errors of the database: which ones mean that it is unavailable, and what the operator reads then."""

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from clinic.database import sqlite_file

# What is raised when the database is stopped, locked, full, damaged or not migrated, depending on engine and moment.
DATABASE_ERRORS = (DatabaseError, InterfaceError)


def is_unavailable(error: BaseException | None) -> bool:
    """Return whether `error` is about the database itself: other kinds are about one statement, and may quote a row."""
    return isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError


def message(error: Exception) -> str:
    """Return what is wrong and what helps, as one line."""
    return f"The database does not answer ({reason(error)}). {hint(error)}"


def reason(error: Exception) -> str:
    """Return the first line of `error`, or its type where that could quote a row."""
    return (is_unavailable(error) and str(error).partition("\n")[0]) or type(error).__name__


def hint(error: Exception) -> str:
    file = settings.SQLITE_FILE
    if connection.vendor == "postgresql":
        return "See: systemctl status postgresql, and DATABASE_URL in .env."
    if not file.exists():
        left = sqlite_file.leftovers(settings.VAR_DIR, file)
        if sqlite_file.moved_path(file) in left:
            return "It was moved to PostgreSQL: write DATABASE_URL into .env."
        return "Restore the newest sound backup (docs/operations.md)." if left else "A new site: clinic prepare"
    if str(error).startswith("no such table"):
        return "Run: clinic prepare"
    if isinstance(error, OperationalError):
        return f"See that the disk is well and has room, and that {file} is the site's user's."
    return (
        f"It is damaged: stop the site, move {file} elsewhere, and restore the newest sound backup "
        "(docs/operations.md)."
    )
