"""The drill restores the newest backup as far as the server can, records what it found, and leaves nothing behind."""

import shutil
from contextlib import nullcontext
from datetime import timedelta
from secrets import token_hex
from urllib.parse import urlsplit

import psycopg
import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.encryption import age
from clinic.models import Drill
from clinic.operations import doctor
from clinic.operations.doctor import services
from contacts.models import WorkerHeartbeat
from tests import postgres
from tests.site import Site
from tests.staff import make_staff, signed_in

NOW = timezone.now()
MAKE_LEADS = """
from datetime import timedelta
from django.utils import timezone
from tests.leads import make_lead
for number in range({}): make_lead(now=timezone.now() - timedelta(days=2))
"""
ERASE_ONE = """
from django.utils import timezone
from contacts.privacy import erasure
from contacts.models import Lead
oldest = Lead.objects.filter(pk=Lead.objects.first().pk)
erasure.erase(oldest, action=erasure.Action.ERASED, now=timezone.now())
"""


class DrilledSite(Site):
    """A site of three leads and a backup."""

    def begin(self):
        self.prepare()
        self.python(MAKE_LEADS.format(3))
        photograph = self.folder / "var/media/photos/clinic.jpg"
        photograph.parent.mkdir(parents=True)
        photograph.write_bytes(b"a photograph")
        self.manage("backup")
        return self

    @property
    def newest(self):
        return max((self.folder / "var/backups").glob("clinic-*.age"))

    def fails(self, says):
        """Run a drill that must fail, in one line."""
        with pytest.raises(AssertionError, match="CommandError: The drill failed") as failed:
            self.manage("drill")
        assert says in str(failed.value)
        assert len(str(failed.value).strip().splitlines()) == 1
        assert self.left_behind() == []

    def left_behind(self):
        found = [*(self.folder / "var").glob(".*")]
        if url := self.environment.get("DATABASE_URL"):
            with psycopg.connect(url) as server:
                names = [name for (name,) in server.execute("SELECT datname FROM pg_database")]
            found += [name for name in names if name == f"{urlsplit(url).path[1:]}_drill"]
        return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request, tmp_path_factory):
    with postgres.throw_away_database() if request.param == "postgresql" else nullcontext() as url:
        yield DrilledSite(tmp_path_factory.mktemp("drilled"), **({"DATABASE_URL": url} if url else {})).begin()


def test_the_newest_backup_is_restored_without_the_erased_and_all_of_it_deleted_again(site):
    """Also what a killed drill has left; leads that came after the backup are not missed in it."""
    site.python(ERASE_ONE)
    leads = site.python("from contacts.models import Lead; print(Lead.objects.count())")
    site.python("from tests.leads import make_lead; make_lead(message='after the backup')")
    left = site.folder / "var/.unfinished-drill/var"
    left.mkdir(parents=True)
    (left / "db.sqlite3").write_bytes(b"of a drill that was killed")
    if url := site.environment.get("DATABASE_URL"):
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {urlsplit(url).path[1:]}_drill")
    said = site.manage("drill")
    print(said)
    assert f"{site.newest.name} restored, compared and deleted again (leads: {leads})" in said
    assert site.left_behind() == []


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_a_lead_that_the_backup_lost_is_noticed(site):
    # Two: the backup may hold one that is too new to be expected in it.
    site.python(MAKE_LEADS.format(2))
    site.fails("of those here are older than it")
    site.manage("backup")
    site.manage("drill")


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_a_person_whom_a_restore_would_bring_back_is_noticed(site):
    """An erasure that another machine of the site has logged."""
    log = site.folder / "var/erasures.log"
    site.manage("backup")
    before = log.read_text() if log.exists() else ""
    site.python(ERASE_ONE)
    log.write_text(before)
    site.fails("1 leads of")
    site.manage("backup")
    site.manage("drill")


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_a_backup_that_cannot_be_opened_is_a_failure(site):
    whole = site.newest.read_bytes()
    site.newest.write_bytes(whole[:-100])
    site.fails("damaged")
    site.newest.write_bytes(whole)
    away = site.folder / "away"
    shutil.move(site.folder / "var/backups", away)
    site.fails("There is no backup in")
    shutil.move(away, site.folder / "var/backups")


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_without_its_key_a_backup_is_read_to_its_end_and_that_is_told(site, tmp_path):
    key, whole = site.folder / "var/keys/backup_key", site.newest.read_bytes()
    site.environment["BACKUP_RECIPIENT"] = age.recipient_of(key.read_text())
    shutil.move(key, tmp_path)
    try:
        assert "read to its end, not opened: BACKUP_KEY is not on this server" in site.manage("drill")
        site.newest.write_bytes(whole[:-4096])
        site.fails("is cut off")
        site.newest.write_bytes(b"no age file" * 1000)
        site.fails("is no age file")
    finally:
        site.newest.write_bytes(whole)
        shutil.move(tmp_path / key.name, key)
        del site.environment["BACKUP_RECIPIENT"]


def test_where_no_database_may_be_created_a_backup_is_decrypted_and_that_is_told(tmp_path):
    with postgres.throw_away_database() as url:
        name, role = urlsplit(url).path[1:], f"clinic_test_{token_hex(6)}"
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
            server.execute(f"ALTER DATABASE {name} OWNER TO {role}")
            place = urlsplit(url)
            own = place._replace(netloc=f"{role}:x@{place.hostname}:{place.port or 5432}").geturl()
            try:
                site = DrilledSite(tmp_path, DATABASE_URL=own).begin()
                assert "decrypted to its end, not restored: the database's role lacks CREATEDB" in site.manage("drill")
                site.newest.write_bytes(site.newest.read_bytes()[:-100])
                site.fails("damaged")
            finally:
                server.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}")


@pytest.mark.django_db
def test_owners_read_on_the_desk_what_the_last_drill_found_and_the_doctor_tells_the_operator():
    owner, reception = make_staff("dora", "owner"), make_staff("anna", "reception")

    def home(user):
        return signed_in(user).get(reverse("admin:index")).content.decode()

    assert services.drill(NOW).startswith("the first is due")
    assert "Test of the backup" not in home(owner)
    Drill.objects.create(pk=1, at=NOW, outcome="restored", backup="clinic-x.age", leads=2, seconds=1.5)
    assert "clinic-x.age restored, compared and deleted again (leads: 2)" in services.drill(NOW)
    assert "2 leads, as many as there were" in home(owner)
    assert "Test of the backup" not in home(reception)
    Drill.objects.update(at=NOW - timedelta(days=41))
    assert "has not been repeated since" in home(owner)
    Drill.objects.update(outcome="failed", reason="/var/lib/clinic/backups/clinic-x.age is damaged")
    assert "the newest backup may not bring the leads back" in home(owner)
    assert "damaged" not in home(owner)
    with pytest.raises(doctor.Problem, match="is damaged"):
        services.drill(NOW)


@pytest.mark.django_db
def test_a_drill_that_is_not_done_for_forty_days_is_trouble():
    WorkerHeartbeat.objects.create(name="drill", at=NOW - timedelta(days=40))
    assert services.jobs(NOW)
    with pytest.raises(doctor.Problem, match="not done in time: drill"):
        services.jobs(NOW + timedelta(minutes=1))
