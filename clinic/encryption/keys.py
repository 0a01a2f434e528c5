"""The site's secret keys: taken from the environment, else created once in VAR_DIR/keys and kept."""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def fernet_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def random_key() -> str:
    return secrets.token_urlsafe(48)


def are_recorded(database: dict) -> bool:
    """Return whether data in the PostgreSQL `database` needs keys (clinic.models.KeyInUse), before Django is set up."""
    import psycopg  # here: a site on SQLite starts without it

    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    given = {name: database[key] for name, key in names.items() if database.get(key)}
    try:
        with psycopg.connect(**database["OPTIONS"] | given) as connection:
            return connection.execute("SELECT FROM clinic_keyinuse LIMIT 1").fetchone() is not None
    except psycopg.errors.UndefinedTable:
        return False
    except psycopg.OperationalError as error:
        raise ImproperlyConfigured(
            "A key is missing in VAR_DIR/keys, and the database, which may need it, does not answer "
            f"({str(error).splitlines()[0]}): put the key file back, or start the database for a first start."
        ) from error


def read(name: str, folder: Path) -> str:
    """Return the key in the file `folder/name`, or '' when there is no such file."""
    path = folder / name.lower()
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path} cannot be read ({error.strerror}): let the site's user read it, or set {name} in the environment."
        ) from error


def read_or_create(name: str, *, folder: Path, generate: Callable[[], str], may_create: Callable[[], bool]) -> str:
    """Return the key in the file `folder/name`, which the first run creates.

    Raises ImproperlyConfigured when the file is gone but the data that needs it is still there.
    """
    if key := read(name, folder):
        return key
    if may_create():
        create(folder / name.lower(), generate())
    # Another process may have created it, and the database as well, since the first reading.
    if key := read(name, folder):
        return key
    raise ImproperlyConfigured(
        f"{folder / name.lower()} is missing, but the data it belongs to exists: put the key file back, "
        f"or set {name} in the environment. A new key could not read the data."
    )


def create(path: Path, key: str) -> None:
    """Write `key` to `path` unless that file exists.

    Several processes may start at once: each writes to a file of its own and links it to `path`, which succeeds for one
    of them only, and no process ever reads half a key.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path.parent} cannot be written ({error.strerror}): make it writable, or set VAR_DIR to a folder that is."
        ) from error
