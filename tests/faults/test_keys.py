"""Keys that got lost or mixed up: none is made up beside data that needs others, and none writes there."""

import shutil
import sqlite3
from contextlib import closing
from urllib.request import urlopen

import pytest

from clinic.encryption.keys import fernet_key
from tests import postgres
from tests.faults.crowd import post
from tests.site import Site

pytestmark = pytest.mark.faults

COUNT = "from contacts.models import Lead; print(Lead.objects.count())"


@pytest.fixture(scope="module")
def url():
    with postgres.throw_away_database() as url:
        yield url


@pytest.fixture(scope="module")
def first(url, tmp_path_factory):
    """The first machine of a site on PostgreSQL."""
    first = Site(tmp_path_factory.mktemp("first"), DATABASE_URL=url)
    first.prepare()
    return first


def refused(site, *arguments):
    """Return what a command says that must not work."""
    with pytest.raises(AssertionError) as refusal:
        site.manage(*arguments, input="anna@example.org\n")
    assert "Traceback" not in str(refusal.value)
    return str(refusal.value)


@pytest.mark.parametrize("name", ["secret_key", "digest_key", "field_keys"])
def test_a_lost_key_is_not_made_up_beside_data_in_postgresql(first, name):
    file = first.folder / "var/keys" / name
    key = file.read_text()
    file.unlink()
    for command in ("erase_person", "send_mails", "prepare", "check"):
        assert f"{file} is missing" in refused(first, command)
        assert not file.exists()
    file.write_text(key)
    first.manage("check")


def test_a_second_machine_makes_no_keys_of_its_own(first, url, tmp_path):
    second = Site(tmp_path, DATABASE_URL=url)
    assert "put the key file back" in refused(second, "prepare")
    assert not list(tmp_path.glob("var/keys/*_key*"))
    shutil.copytree(first.folder / "var/keys", tmp_path / "var/keys", dirs_exist_ok=True)
    second.manage("check")


@pytest.mark.parametrize(
    ("name", "commands"),
    [
        ("FIELD_KEYS", ["erase_person", "export_person", "send_mails", "purge_leads", "worker", "prepare"]),
        ("SECRET_KEY", ["worker"]),
        ("DIGEST_KEY", ["erase_person"]),
    ],
)
def test_a_machine_that_has_made_its_own_keys_meanwhile_may_touch_nobody(first, name, commands):
    first.environment[name] = fernet_key()
    try:
        for command in commands:
            assert f"another {name}: put back {first.folder}/var/keys/{name.lower()}" in refused(first, command)
    finally:
        del first.environment[name]


def test_while_the_database_is_away_no_key_is_made_that_it_may_not_need(first, url, tmp_path):
    away = Site(tmp_path, DATABASE_URL=f"{url}_is_not_there")
    assert "does not answer" in refused(away, "check")
    assert not list(tmp_path.glob("var/keys/*_key*"))


@pytest.mark.parametrize("has_right_keys", [False, True])
def test_a_start_without_the_database_proves_the_keys_when_it_comes_back(tmp_path, has_right_keys):
    with Site(tmp_path) as site:
        stop(site)
        database = tmp_path / "var/db.sqlite3"
        away = database.rename(tmp_path / "away")
        if not has_right_keys:
            site.environment["FIELD_KEYS"] = fernet_key()
        site.start_web()
        assert status(site, "/it/contatti/") == 200
        away.rename(database)
        assert post(site, 1).status == (303 if has_right_keys else 503)
        assert status(site, "/livez") == 200
        site.environment.pop("FIELD_KEYS", None)
        assert site.python(COUNT) == str(int(has_right_keys))


# What stands in the tables as the key of before has written it.
CIPHERTEXTS = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT email, message FROM contacts_lead")
    print(*[text for row in cursor.fetchall() for text in row])
"""
LEADS = """
from django.utils import timezone
from contacts.intake.receive import NewRequest, receive
for number in range(3):
    receive(NewRequest(email=f"p{number}@example.org", message="x", language="it"), now=timezone.now())
"""


def test_after_a_rotation_no_file_of_the_database_holds_what_the_older_key_reads(tmp_path):
    with Site(tmp_path) as site:
        site.python(LEADS)
        old = site.python(CIPHERTEXTS).split()
        stop(site)
        keys = tmp_path / "var/keys/field_keys"
        keys.write_text(f"{fernet_key()},{keys.read_text()}")
        site.start_web()
        with closing(sqlite3.connect(tmp_path / "var/db.sqlite3")) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM contacts_lead").fetchone()
            assert "Run this again" in refused(site, "rotate_keys")
        # Open all the time, so that the log does not go by itself.
        with closing(sqlite3.connect(tmp_path / "var/db.sqlite3")) as reader:
            reader.execute("SELECT count(*) FROM contacts_lead").fetchone()
            assert "now have the newest key" in site.manage("rotate_keys")
            files = {path.name: path.read_bytes() for path in (tmp_path / "var").glob("db.sqlite3*")}
        assert len(old) == 6
        assert not [name for name, content in files.items() for text in old if text.encode() in content]
        assert all(text.encode() in files["db.sqlite3"] for text in site.python(CIPHERTEXTS).split())


def stop(site):
    site.processes["web"].terminate()
    site.processes["web"].wait(40)


def status(site, path):
    with urlopen(site.url + path) as answer:
        return answer.status
