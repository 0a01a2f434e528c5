"""What `manage.py prepare` leaves behind is what the site then serves."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import psycopg

from tests import postgres
from tests.site import Site


def test_after_the_development_server_the_static_files_are_still_collected_and_pages_served(tmp_path):
    site = Site(tmp_path, DEBUG="1")
    site.copy_prepared()
    shutil.rmtree(tmp_path / "var/static")
    site.manage("prepare")
    assert not (tmp_path / "var/static").exists()
    del site.environment["DEBUG"]
    site.manage("prepare")
    assert "css/site." in site.python("from django.templatetags.static import static; print(static('css/site.css'))")


def test_static_files_that_were_deleted_are_collected_anew(tmp_path):
    site = Site(tmp_path)
    site.prepare()
    for file in (tmp_path / "var/static").glob("*.*"):
        if not file.name.startswith("."):
            file.unlink()
    site.manage("prepare")
    assert "css/site." in site.python("from django.templatetags.static import static; print(static('css/site.css'))")


def test_two_that_prepare_a_new_site_at_the_same_time_both_succeed(tmp_path):
    site = Site(tmp_path)
    site.borrow_static_files()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _number: site.manage("prepare"), range(2)))
    assert site.python("from treatments.models import Page; print(Page.objects.count() > 0)") == "True"


def test_of_two_machines_with_different_keys_only_one_takes_a_new_database(tmp_path):
    """Both would find no fingerprints and leave their own: afterwards neither had all the keys that the data needs."""
    with postgres.throw_away_database() as url:
        machines = [Site(tmp_path / name, DATABASE_URL=url) for name in ("first", "second")]
        for machine in machines:
            machine.borrow_static_files()
            machine.manage("check")  # makes its keys
        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(lambda machine: prepare(machine), machines))
        assert sorted(bool(trouble) for trouble in said) == [False, True]
        assert "belongs to another" in "".join(said)
        machines[said.index("")].manage("check")


def prepare(machine):
    """Return what stopped `prepare`, or ''."""
    try:
        machine.manage("prepare")
    except AssertionError as error:
        return str(error)
    return ""


def test_an_empty_postgresql_where_the_site_had_a_database_is_not_filled(tmp_path):
    with postgres.throw_away_database() as url, postgres.throw_away_database() as wrong:
        site = Site(tmp_path, DATABASE_URL=url)
        site.prepare()
        site.manage("prepare")
        assert (tmp_path / "var/postgresql").stat().st_mode & 0o777 == 0o600
        site.environment["DATABASE_URL"] = wrong
        refused = prepare(site)
        assert "is empty, but this site has had a database" in refused
        assert "correct DATABASE_URL" in refused.strip().splitlines()[-1]
        with psycopg.connect(wrong) as connection:
            assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_an_empty_postgresql_beside_a_sqlite_database_is_not_filled(tmp_path):
    with postgres.throw_away_database() as url:
        site = Site(tmp_path)
        site.manage("migrate", "-v0")
        site.environment["DATABASE_URL"] = url
        assert "db.sqlite3 is left of it" in prepare(site)
