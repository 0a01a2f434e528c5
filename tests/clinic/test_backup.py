"""A backup is sealed, kept for a while, and goes back only where it does no harm."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from clinic import backups
from clinic.keys import fernet_key, random_key
from tests.site import ROOT

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(site, tmp_path_factory):
    """A backup of the real site with its list of erased ids, as it lies in another place."""
    folder = tmp_path_factory.mktemp("safe")
    site.manage("backup", "--to", str(folder))
    return next(folder.glob("clinic-*.sealed"))


def restore(tmp_path, backup, *arguments, keys_of=None, **environment):
    """Try to restore into tmp_path/var with the keys of a site; return exit code and what was said."""
    var = tmp_path / "var"
    if keys_of:
        shutil.copytree(keys_of.folder / "var/keys", var / "keys", dirs_exist_ok=True)
    was_empty = not (var / "db.sqlite3").exists()
    done = subprocess.run(
        [sys.executable, "manage.py", "restore", str(backup), *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(var), "PYTHONWARNINGS": "ignore"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    if done.returncode and was_empty:
        assert not (var / "db.sqlite3").exists()
    assert not list(var.glob(".restore-*"))
    return done.returncode, done.stdout + done.stderr


def test_a_backup_and_the_list_beside_it_are_their_owners_alone(made):
    assert {path.name: path.stat().st_mode & 0o777 for path in made.parent.iterdir()} == {
        made.name: 0o600,
        "erasures.log": 0o600,
    }


def test_no_key_is_in_a_backup(site, made, tmp_path):
    restore(tmp_path, made, keys_of=site)
    keys = [path.read_text().strip().encode() for path in (site.folder / "var/keys").iterdir()]
    files = [path for path in (tmp_path / "var").rglob("*") if path.is_file() and path.parent.name != "keys"]
    assert files
    assert not [path for path in files if any(key in path.read_bytes() for key in keys)]


def test_it_goes_back_once_and_never_over_what_is_there(site, made, tmp_path):
    assert restore(tmp_path, made, keys_of=site)[0] == 0
    assert (tmp_path / "var/db.sqlite3").stat().st_mode & 0o777 == 0o600
    before = (tmp_path / "var/db.sqlite3").read_bytes()
    code, said = restore(tmp_path, made)
    assert code != 0
    assert "nothing is written over" in said
    assert (tmp_path / "var/db.sqlite3").read_bytes() == before


def test_without_the_keys_nothing_is_restored_and_none_are_made_up(made, tmp_path):
    code, said = restore(tmp_path, made)
    assert code != 0
    assert "put the key file back" in said
    assert not list((tmp_path / "var").rglob("*key*/*"))


@pytest.mark.parametrize(
    ("name", "make_key", "says"),
    [
        ("BACKUP_KEY", fernet_key, "BACKUP_KEY is not the key"),
        ("FIELD_KEYS", fernet_key, "FIELD_KEYS cannot read the data"),
        ("DIGEST_KEY", random_key, "DIGEST_KEY cannot read the data"),
    ],
)
def test_with_another_key_nothing_is_restored(site, made, tmp_path, name, make_key, says):
    code, said = restore(tmp_path, made, keys_of=site, **{name: make_key()})
    assert code != 0
    assert says in said


def test_a_damaged_backup_is_refused_whole(site, made, tmp_path):
    shutil.copy(made.with_name("erasures.log"), tmp_path)
    damaged = tmp_path / made.name
    damaged.write_bytes(made.read_bytes()[:-100])
    code, said = restore(tmp_path, damaged, keys_of=site)
    assert code != 0
    assert "damaged" in said


def test_without_the_list_of_the_erased_it_must_be_said_twice(site, made, tmp_path):
    alone = tmp_path / made.name
    shutil.copy(made, alone)
    code, said = restore(tmp_path, alone, keys_of=site)
    assert code != 0
    assert "erasures.log is missing" in said
    assert restore(tmp_path, alone, "--erasures-lost", keys_of=site)[0] == 0


def test_old_backups_go_and_the_newest_stays_however_old(tmp_path):
    ages = [0, 1, 29, 30, 31, 400]
    names = {age: backups.NAME.format(NOW - timedelta(days=age)) for age in ages}
    for name in names.values():
        (tmp_path / name).touch()
    assert backups.rotate(tmp_path, keep_days=30, now=NOW) == 2
    assert {path.name for path in tmp_path.iterdir()} == {names[age] for age in (0, 1, 29, 30)}
    assert backups.rotate(tmp_path, keep_days=30, now=NOW + timedelta(days=900)) == 3
    assert [path.name for path in tmp_path.iterdir()] == [names[0]]


def test_what_a_killed_backup_left_behind_goes_after_a_day(tmp_path):
    left = tmp_path / f"{backups.UNFINISHED}abc"
    left.mkdir()
    os.utime(left, (NOW.timestamp(), NOW.timestamp()))
    backups.rotate(tmp_path, keep_days=30, now=NOW + timedelta(hours=23))
    assert left.exists()
    backups.rotate(tmp_path, keep_days=30, now=NOW + timedelta(hours=25))
    assert not left.exists()
