"""The health checks /livez and /readyz."""

import configparser
import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from clinic.http import health
from tests.site import ROOT, Site

ONE_MIGRATION_LESS = """
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from clinic.http import health
recorder = MigrationRecorder(connection)
before = Client().get("/readyz")
recorder.record_unapplied("contacts", recorder.migration_qs.filter(app="contacts").latest("name").name)
health.readiness.invalidate()
after = Client().get("/readyz")
print(before.status_code, before.content, after.status_code, after.content)
"""


@pytest.fixture(autouse=True)
def _check_again():
    health.readiness.invalidate()
    yield
    health.readiness.invalidate()


def test_livez_does_not_use_the_database(client):
    assert client.get("/livez").content == b"ok\n"


@pytest.mark.django_db
def test_it_is_ready_when_database_and_disk_are(client):
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_it_is_not_ready_while_a_migration_is_missing(tmp_path):
    site = Site(tmp_path)
    site.copy_prepared()
    assert site.python(ONE_MIGRATION_LESS).splitlines()[-1] == r"200 b'ok\n' 503 b'not ready\n'"


@pytest.mark.django_db
def test_it_is_not_ready_when_the_disk_is_full(client, monkeypatch):
    monkeypatch.setattr(health.disk_has_room, "__kwdefaults__", {"least_bytes": 10**18})
    assert client.get("/readyz").status_code == 503


def test_many_checks_at_once_use_the_database_once(monkeypatch):
    checks, go_on = [], threading.Event()

    def check():
        checks.append(1)
        assert go_on.wait(10)
        return True

    def status_of(_number):
        return Client().get("/readyz").status_code

    monkeypatch.setattr(health.readiness, "_read", check)
    monkeypatch.setattr(health.readiness, "_cached", (None, None, 0.0))
    with ThreadPoolExecutor(16) as pool:
        first = pool.map(status_of, range(16))
        time.sleep(0.2)
        go_on.set()
        assert (set(first), len(checks)) == ({200}, 1)
        # Later one checks again, and the others return the last result at once.
        health.readiness.invalidate()
        go_on.clear()
        slow = pool.submit(status_of, 0)
        while len(checks) == 1:
            time.sleep(0.01)
        assert (set(map(status_of, range(16))), slow.done(), len(checks)) == ({200}, False, 2)
        go_on.set()


def ask(site, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def status(site, path):
    return ask(site, path, Host="probe")[0]


def wait_for(site, wanted):
    give_up_at = time.monotonic() + 20
    while status(site, "/readyz") != wanted:
        assert time.monotonic() < give_up_at, f"never {wanted}"
        time.sleep(0.1)


def test_it_is_live_but_not_ready_while_the_database_is_away(https_site):
    database = https_site.folder / "var/db.sqlite3"
    wait_for(https_site, 200)
    database.rename(database.with_suffix(".away"))
    try:
        wait_for(https_site, 503)
        assert status(https_site, "/livez") == 200
        # Staff get the error page too, although it is their session that cannot be read.
        headers = {"Host": "www.example.org", "X-Forwarded-Proto": "https", "Cookie": f"__Host-session={'a' * 32}"}
        desk, html = ask(https_site, "/admin/", **headers)
        assert (desk, "In questo momento non possiamo farlo" in html) == (503, True)
    finally:
        database.with_suffix(".away").rename(database)
    wait_for(https_site, 200)


def test_the_database_file_is_readable_by_its_owner_only(https_site):
    modes = {path.name: path.stat().st_mode & 0o777 for path in (https_site.folder / "var").iterdir() if path.is_file()}
    assert modes["db.sqlite3"] == 0o600
    assert {mode for name, mode in modes.items() if name.startswith("db.")} == {0o600}


@pytest.mark.parametrize("name", ["web", "worker"])
def test_systemd_restarts_however_often_a_start_fails(name):
    unit = configparser.ConfigParser(interpolation=None)
    unit.read(ROOT / f"deploy/systemd/clinic-{name}.service")
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert unit["Service"]["Restart"] == "always"
