"""The page cache of real processes: edits reach all of them, and no database is needed for a page that is ready."""

import time

import pytest

from tests.bench.server import Reader
from tests.site import Site

pytestmark = pytest.mark.faults

PAGE = "/it/vitiligine/"
EDIT = """
from clinic.models import ContentVersion
from treatments.models import Page
Page.objects.filter(slug_it="vitiligine").update(title_it="Parole nuove")
ContentVersion.bump()
"""


def until(is_so, *, seconds=30):
    give_up_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def test_an_edit_reaches_every_process_and_pages_outlive_the_database(tmp_path):
    with Site(tmp_path, WEB_CONCURRENCY="2") as site:
        readers = [Reader(site.port, PAGE) for _number in range(8)]
        assert all(b"Parole nuove" not in reader.read()[2] for reader in readers)
        site.python(EDIT)
        until(lambda: all(b"Parole nuove" in reader.read()[2] for reader in readers))

        database = site.folder / "var" / "db.sqlite3"
        for name in ("db.sqlite3-wal", "db.sqlite3-shm", "db.sqlite3"):
            if (database.parent / name).exists():
                (database.parent / name).rename(database.parent / f"away-{name}")
        give_up_at = time.monotonic() + 5
        while time.monotonic() < give_up_at:
            for reader in readers:
                status, _headers, body = reader.read()
                assert status == "200 OK"
                assert b"Parole nuove" in body
            time.sleep(0.1)
        never_read = Reader(site.port, "/it/trattamenti/")
        status, *_ = never_read.read()
        assert status.startswith("503")
        for reader in (*readers, never_read):
            reader.connection.close()
