"""From SQLite to PostgreSQL by one command: every row, and nobody writes on into the old file."""

import http.client
import re
import sqlite3
import subprocess
from contextlib import closing

import pytest

from tests import postgres
from tests.patients import Patients
from tests.site import Site
from tests.staff import add_staff

pytestmark = pytest.mark.faults

# Every row of every table, as one digest a table.
DIGESTS = """
import hashlib, json
from django.apps import apps
# PostgreSQL sorts the keys of JSON.
text = lambda value: json.dumps(value, sort_keys=True) if isinstance(value, dict) else str(value)
for model in apps.get_models(include_auto_created=True):
    if model._meta.proxy or model._meta.db_table == "django_session":
        continue
    rows = sorted(repr([text(getattr(row, field.attname)) for field in model._meta.concrete_fields])
                  for row in model._base_manager.all())
    print(model._meta.label, len(rows), hashlib.sha256("".join(rows).encode()).hexdigest())
"""


# Hours of a centre that is not there: PostgreSQL finds out only when the transaction is committed.
ORPHAN = "INSERT INTO clinic_openinghours (profile_id, weekday, opens, closes) VALUES (7, 0, '09:00', '10:00')"


def put_orphan(file):
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(ORPHAN)


def put_in_the_way(file):
    file.with_name("db.sqlite3.moved").mkdir()


# What a dump in JSON (microseconds) or XML (line ends, control characters) would change or refuse.
UNUSUAL = """
from datetime import datetime, UTC
from clinic.models import ClinicProfile
from contacts.models import WorkerHeartbeat
ClinicProfile.objects.update_or_create(pk=1, defaults={"directions_it": "Via\\r\\nMilano\\x0b"})
WorkerHeartbeat.objects.create(name="x", at=datetime(2026, 11, 29, 1, 2, 3, 456789, UTC))
"""


def doctor(site):
    return site.manage("doctor", check=False)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [(put_orphan, "Nothing was moved"), (put_in_the_way, "rename it by hand")],
    ids=["commit", "file"],
)
def test_a_move_that_fails_at_the_very_end_leaves_the_site_its_database(tmp_path, spoil, says):
    site = Site(tmp_path)
    site.prepare()
    spoil(tmp_path / "var/db.sqlite3")
    with postgres.throw_away_database() as url:
        site.environment["NEW_DATABASE_URL"] = url
        with pytest.raises(AssertionError, match=says):
            site.manage("move_database")
    assert not (tmp_path / "var/db.sqlite3.moved").is_file()
    assert "treatments.Page" in site.python(DIGESTS)


def test_every_row_arrives_and_the_old_file_takes_no_more(tmp_path):
    with postgres.throw_away_database() as url, Site(tmp_path / "site") as site:

        def connect():
            return http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)

        add_staff(site, "anna", "owner")
        site.python(UNUSUAL)
        with Patients(connect) as patients:
            patients.wait_for(5)
        site.environment["NEW_DATABASE_URL"] = url
        with pytest.raises(AssertionError, match="stop it"):
            site.manage("move_database")
        site.processes["web"].terminate()
        site.processes["web"].wait(40)

        before = site.python(DIGESTS)
        assert f"contacts.Lead {len(patients.acknowledged)} " in before
        said = site.manage("move_database")
        print(said)
        assert f"{site.folder}/var/db.sqlite3.moved still holds every lead" in said
        with pytest.raises(AssertionError):
            site.python(DIGESTS)

        site.environment["DATABASE_URL"] = url
        assert site.python(DIGESTS) == before
        cure = re.search(r"TROUBLE  old copies: .*\n.*(rm -r .*db.sqlite3.moved)$", doctor(site), re.MULTILINE)[1]
        subprocess.run(cure.split(), check=True)
        assert "ok       old copies" in doctor(site)
        assert not list((tmp_path / "site/var").glob("db.sqlite3*"))
        site.start_web()
        with Patients(connect, name="bea") as patients:
            patients.wait_for(1)
        assert not patients.trouble
