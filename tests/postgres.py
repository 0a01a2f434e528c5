"""Where the tests find PostgreSQL: at TEST_POSTGRES_URL, else on the local default port. Run, it prints the address."""

import atexit
import os
import sys
from contextlib import contextmanager
from secrets import token_hex
from urllib.parse import urlsplit

import psycopg
import pytest

LOCAL = "postgres://postgres@127.0.0.1:5432/postgres"
if "TESTS_RUN" not in os.environ:
    # The processes of a run have the environment of the first, which drops at its end what they share.
    os.environ["TESTS_RUN"] = token_hex(4)
    atexit.register(lambda: server_url() and drop(PREPARED))
PREPARED = f"clinic_test_{os.environ['TESTS_RUN']}_prepared"


def server_url() -> str | None:
    """Return the address of a server that answers, or None."""
    url = os.environ.get("TEST_POSTGRES_URL") or LOCAL
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return None
    return url


def execute(statement: str) -> None:
    with psycopg.connect(server_url(), autocommit=True) as server:
        server.execute(statement)


def create(name: str, *, template: str = "template1") -> str:
    """Create a database; return its address."""
    execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return urlsplit(server_url())._replace(path=f"/{name}").geturl()


def drop(name: str) -> None:
    execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def throw_away_database():
    """Give the address of an empty database that is gone afterwards; skip the test when no server answers."""
    name = f"clinic_test_{token_hex(6)}"
    if not server_url():
        pytest.skip("no PostgreSQL answers at TEST_POSTGRES_URL or on the local default port")
    try:
        yield create(name)
    finally:
        drop(name)


def fill(address: str) -> None:
    """Replace the database at `address`, if it is empty, by a copy of PREPARED; not one of another role than ours."""
    if urlsplit(address).username != urlsplit(server_url()).username:
        return
    with psycopg.connect(address) as database:
        if database.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'").fetchone():
            return
    name = urlsplit(address).path[1:]
    drop(name)
    create(name, template=PREPARED)


if __name__ == "__main__":
    if url := server_url():
        print(url)
    else:
        sys.exit("SKIPPED on PostgreSQL: none answers at TEST_POSTGRES_URL or on the local default port.")
