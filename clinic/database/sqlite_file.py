"""The SQLite file of the site: where it is, what a lost one leaves behind, and how a new one is created."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def uri(file: Path) -> str:
    """Return the name under which SQLite opens `file` but never creates it: a lost file is an error, not a new site."""
    return f"{file.as_uri()}?mode=rw"


def moved_path(file: Path) -> Path:
    """Return where `file` is kept after move_database: it still holds every lead."""
    return file.with_name(f"{file.name}.moved")


def leftovers(var_dir: Path, file: Path) -> list[Path]:
    """Return the files that only a site with a database leaves behind."""
    backups = sorted((var_dir / "backups").glob("clinic-*"))
    return [path for path in (moved_path(file), var_dir / "erasures.log", *backups) if path.exists()]


def create_if_new(connection) -> None:
    """Create the site's file for its `connection`; raise ImproperlyConfigured where there was a database."""
    file = settings.SQLITE_FILE
    if connection.settings_dict["NAME"] != uri(file) or file.exists():
        return
    if left := leftovers(settings.VAR_DIR, file):
        raise ImproperlyConfigured(
            f"There was a database here ({left[0]} is left of it): restore it (docs/operations.md), "
            "or write DATABASE_URL into .env."
        )
    settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A missing folder elsewhere is a disk that is not mounted.
    if file.parent.is_dir():
        file.touch(mode=0o600)
