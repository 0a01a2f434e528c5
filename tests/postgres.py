"""Where the tests find PostgreSQL: at TEST_POSTGRES_URL, else on the local default port. Run, it prints the address."""

import os
import sys
from contextlib import contextmanager
from secrets import token_hex
from urllib.parse import urlsplit

import psycopg
import pytest

LOCAL = "postgres://postgres@127.0.0.1:5432/postgres"


def server_url() -> str | None:
    """Return the address of a server that answers, or None."""
    url = os.environ.get("TEST_POSTGRES_URL") or LOCAL
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return None
    return url


@contextmanager
def throw_away_database():
    """Give the address of an empty database that is gone afterwards; skip the test when no server answers."""
    url, name = server_url(), f"clinic_test_{token_hex(6)}"
    if not url:
        pytest.skip("no PostgreSQL answers at TEST_POSTGRES_URL or on the local default port")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


if __name__ == "__main__":
    if url := server_url():
        print(url)
    else:
        sys.exit("SKIPPED on PostgreSQL: none answers at TEST_POSTGRES_URL or on the local default port.")
