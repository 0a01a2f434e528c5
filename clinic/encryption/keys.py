"""The site's secret keys: taken from the environment, else made once in VAR_DIR/keys and kept."""

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
    """Say whether data in the PostgreSQL `database` needs keys already (clinic.models.KeyInUse), before Django runs."""
    import psycopg  # here: who lives on SQLite starts without it

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


def read_or_create(name: str, *, folder: Path, generate, may_create: Callable[[], bool]) -> str:
    """Return the key kept in `folder/name`, making it on the first run.

    Several processes may start at once: the key is written to a file of its own and then linked
    to its name, which only one of them can do, so nobody ever reads half a key.
    Raises ImproperlyConfigured when the key is gone but the data that needs it is still there.
    """
    path = folder / name.lower()
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path} cannot be read ({error.strerror}): let the site's user read it, or set {name} in the environment."
        ) from error
    if not may_create():
        raise ImproperlyConfigured(
            f"{path} is missing, but the data it belongs to exists: put the key file back, "
            f"or set {name} in the environment. A new key could not read the data."
        )
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(generate() + "\n")
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
            f"{folder} cannot be written ({error.strerror}): make it writable, or set VAR_DIR to a folder that is."
        ) from error
    return path.read_text().strip()
