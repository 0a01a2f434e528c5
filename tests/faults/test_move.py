"""From SQLite to PostgreSQL by one command: every row, and nobody writes on into the old file."""

import http.client

import pytest

from tests import postgres
from tests.patients import Patients
from tests.site import Site
from tests.staff import PASSWORD, SECRET

pytestmark = pytest.mark.faults

# Every row of every table, as one digest a table.
DIGESTS = """
import hashlib
from django.apps import apps
for model in apps.get_models(include_auto_created=True):
    if model._meta.proxy or model._meta.db_table == "django_session":
        continue
    rows = sorted(repr([str(getattr(row, field.attname)) for field in model._meta.concrete_fields])
                  for row in model._base_manager.all())
    print(model._meta.label, len(rows), hashlib.sha256("".join(rows).encode()).hexdigest())
"""


def test_every_row_arrives_and_the_old_file_takes_no_more(tmp_path):
    if not postgres.server_url():
        pytest.skip("no PostgreSQL answers at TEST_POSTGRES_URL or on the local default port")
    with postgres.throw_away_database() as url, Site(tmp_path / "site") as site:

        def connect():
            return http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)

        site.manage(
            "make_staff", "anna", "--role", "owner", "--password-stdin", "--totp-secret", SECRET, input=PASSWORD
        )
        with Patients(connect) as patients:
            patients.wait_for(5)
        site.environment["NEW_DATABASE_URL"] = url
        with pytest.raises(AssertionError, match="stop it"):
            site.manage("move_database")
        site.processes["web"].terminate()
        site.processes["web"].wait(40)

        before = site.python(DIGESTS)
        assert f"contacts.Lead {len(patients.acknowledged)} " in before
        print(site.manage("move_database"))
        with pytest.raises(AssertionError):
            site.python(DIGESTS)

        site.environment["DATABASE_URL"] = url
        assert site.python(DIGESTS) == before
        site.start_web()
        with Patients(connect, name="bea") as patients:
            patients.wait_for(1)
        assert not patients.trouble
