"""When there is no database, or it does not answer: what it says and what helps, in words for the operator."""

from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection


def aside(file: Path) -> Path:
    """Return where the SQLite `file` lies after a move: with every lead; whoever is erased later stays in it."""
    return file.with_name(f"{file.name}.moved")


def traces(var_dir: Path, file: Path) -> list[Path]:
    """Return what only a site with a database leaves behind: there no empty one may take its place."""
    left = [aside(file), var_dir / "erasures.log", *(var_dir / "backups").glob("*.sealed")]
    return [path for path in left if path.exists()]


def words(error: DatabaseError) -> str:
    """Return what is wrong and what helps, as one line."""
    return f"The database does not answer ({reason(error)}). {cure(error)}"


def reason(error: DatabaseError) -> str:
    """Return the first line of `error` if it is about the database itself: the other kinds may quote a row."""
    is_harmless = type(error) in {OperationalError, DatabaseError}
    return (is_harmless and str(error).partition("\n")[0]) or type(error).__name__


def cure(error: DatabaseError) -> str:
    file = settings.SQLITE_FILE
    if connection.vendor == "postgresql":
        return "See: systemctl status postgresql, and DATABASE_URL in .env."
    if not file.exists():
        left = traces(settings.VAR_DIR, file)
        if aside(file) in left:
            return "It was moved to PostgreSQL: write DATABASE_URL into .env."
        return "Restore the newest sound backup (docs/operations.md)." if left else "A new site: clinic prepare"
    if isinstance(error, OperationalError):
        return f"See that the disk is well and has room, and that {file} is the site's user's."
    return f"It is damaged: stop the site, put {file} aside, and restore the newest sound backup (docs/operations.md)."
