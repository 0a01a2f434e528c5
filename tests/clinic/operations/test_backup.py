"""A backup is encrypted, kept for a while, and restored only where it does no harm."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.utils import timezone

from clinic.encryption import age
from clinic.encryption.keys import fernet_key, random_key
from clinic.operations import backups, restores
from contacts.privacy import retention
from tests import commands, postgres
from tests.leads import rome
from tests.operations import steps
from tests.site import ROOT, free_port

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(site, tmp_path_factory):
    """A backup of the real site with its list of erased ids, as it lies in another place."""
    folder, photographs = tmp_path_factory.mktemp("safe"), site.folder / "var/media/photos"
    photographs.mkdir(parents=True, exist_ok=True)
    (photographs / "clinic.jpg").write_bytes(b"a photograph")
    site.manage("backup", "--to", str(folder))
    (photographs / "clinic.jpg").unlink()
    return next(folder.glob("clinic-*.age"))


def manage(tmp_path, *command, **environment):
    own = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path / "var"), "PYTHONWARNINGS": "ignore"}
    return commands.manage(*command, env=own | environment)


def restore(tmp_path, backup, *arguments, keys_of=None, **environment):
    """Try to restore into tmp_path/var with the keys of a site; return exit code and what was said."""
    var = tmp_path / "var"
    if keys_of:
        shutil.copytree(keys_of.folder / "var/keys", var / "keys", dirs_exist_ok=True)
    was_empty = not (var / "db.sqlite3").exists()
    done = manage(tmp_path, "restore", str(backup), *arguments, **environment)
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


def test_the_log_of_a_live_database_is_not_taken_for_a_left_over(site, made, tmp_path):
    """After a power cut it holds what was acknowledged last: nobody is told to take it away."""
    assert restore(tmp_path, made, keys_of=site)[0] == 0
    with closing(sqlite3.connect(tmp_path / "var/db.sqlite3")) as live:
        live.execute("CREATE TABLE written_just_now (id)")
        assert (tmp_path / "var/db.sqlite3-wal").stat().st_size
        code, said = restore(tmp_path, made)
    assert code != 0
    assert "There is a database here already" in said
    assert "-wal" not in said


def test_without_the_keys_nothing_is_restored_and_beside_backups_none_are_made_up(made, tmp_path):
    code, said = restore(tmp_path / "elsewhere", made)
    assert code != 0
    assert "BACKUP_KEY is not the key that opens it" in said
    # Where docs/operations.md puts it.
    backup = shutil.copytree(made.parent, tmp_path / "var/backups") / made.name
    code, said = restore(tmp_path, backup)
    assert code != 0
    assert "put the key file back" in said
    assert not list((tmp_path / "var").rglob("*key*/*"))


@pytest.mark.parametrize(
    ("name", "make_key", "says"),
    [
        ("BACKUP_KEY", age.new_identity, "BACKUP_KEY is not the key"),
        ("FIELD_KEYS", fernet_key, "another FIELD_KEYS: put back"),
        ("DIGEST_KEY", random_key, "another DIGEST_KEY: put back"),
    ],
)
def test_with_another_key_nothing_is_restored(site, made, tmp_path, name, make_key, says):
    code, said = restore(tmp_path, made, keys_of=site, **{name: make_key()})
    assert code != 0
    assert says in said


def wrong_address(wrong):
    """Return an address of PostgreSQL without a server, without that database or without that role."""
    if wrong == "no server":
        return f"postgres://postgres@127.0.0.1:{free_port()}/clinic"
    url = urlsplit(postgres.server_url() or pytest.skip("no PostgreSQL answers"))
    if wrong == "no database":
        return url._replace(path="/not_there").geturl()
    return url._replace(netloc=f"not_there@{url.hostname}:{url.port or 5432}").geturl()


@pytest.mark.parametrize("database", ["no server", "no database", "no role", "missing", "damaged"])
def test_a_database_that_does_not_answer_is_told_in_one_line_with_what_helps(site, made, tmp_path, database):
    var, file = tmp_path / "var", tmp_path / "var/db.sqlite3"
    shutil.copytree(site.folder / "var/keys", var / "keys")
    environment, commands, cure = {}, [("backup",)], "estore the newest sound backup"
    if database == "missing":
        (var / "erasures.log").touch()
    elif database == "damaged":
        file.write_bytes(b"no database" * 1000)
        commands.append(("prepare",))
    else:
        environment["DATABASE_URL"] = wrong_address(database)
        commands += [("prepare",), ("restore", str(made))]
        cure = "systemctl status postgresql"
    for command in commands:
        done = manage(tmp_path, *command, **environment)
        said = done.stderr.replace("Preparing database, content and static files ...\n", "")
        assert done.returncode == 1
        assert "The database does not answer (" in said
        assert cure in said
        assert len(said.splitlines()) == 1, said


def test_a_server_without_the_key_makes_backups_that_only_the_key_elsewhere_opens(site, made, tmp_path):
    """The identity was never on the machine that makes the backup; the machine that restores has it from its owner."""
    identity = age.new_identity()
    keys = shutil.copytree(site.folder / "var/keys", tmp_path / "server/var/keys")
    (keys / "backup_key").unlink()
    assert restore(tmp_path / "server", made, BACKUP_KEY=(site.folder / "var/keys/backup_key").read_text())[0] == 0
    server = {"BACKUP_RECIPIENT": age.recipient_of(identity)}
    done = manage(tmp_path / "server", "backup", **server)
    assert done.returncode == 0, done.stderr
    assert "not decrypted: BACKUP_KEY is not here" in done.stdout
    assert (
        "ok       backup key: this server cannot open its backups"
        in manage(tmp_path / "server", "doctor", **server).stdout
    )
    (backup,) = (tmp_path / "server/var/backups").glob("clinic-*.age")
    assert not (keys / "backup_key").exists()

    code, said = restore(tmp_path, backup, keys_of=site, **server, BACKUP_KEY="")
    assert code != 0
    assert "BACKUP_RECIPIENT is not the public key of BACKUP_KEY" in said
    (tmp_path / "var/keys/backup_key").unlink()
    code, said = restore(tmp_path, backup, **server)
    assert code != 0
    assert "BACKUP_KEY, the key that opens backups, is not on this machine" in said
    assert len(said.splitlines()) == 1
    code, said = restore(tmp_path, backup, **server, BACKUP_KEY=f"# created: today\n{identity}\n")
    assert code == 0, said
    assert (tmp_path / "var/media/photos/clinic.jpg").read_bytes() == b"a photograph"


def test_a_server_with_the_key_says_so_and_decrypts_each_backup_again(site, tmp_path):
    assert "decrypted again" in site.manage("backup", "--to", str(tmp_path))
    assert "ok       backup key: this server holds the key that opens its backups" in site.manage("doctor", check=False)


def test_a_backup_of_the_former_format_is_refused_with_the_release_that_restores_it(site, made, tmp_path):
    former = tmp_path / "clinic-20261101-040000.sealed"
    former.write_bytes(b"clinic sealed 1\n" + os.urandom(1000))
    shutil.copy(made.with_name("erasures.log"), tmp_path)
    code, said = restore(tmp_path, former, keys_of=site)
    assert code != 0
    assert "git checkout 1d6d6d6" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("name", ["../keys/field_keys", "/etc/cron.d/clinic", "static/site.css", "media/../x"])
def test_what_a_stranger_encrypted_for_the_public_key_lands_nowhere_else(tmp_path, settings, name):
    settings.BACKUP_KEY, tar = age.new_identity(), tmp_path / "archive.tar"
    with tarfile.open(tar, "x") as archive:
        for entry in ("manifest.json", name):
            archive.addfile(tarfile.TarInfo(entry))
    age.encrypt(tar, tmp_path / "clinic.age", age.recipient_of(settings.BACKUP_KEY))
    draft = tmp_path / "draft"
    draft.mkdir()
    with pytest.raises(restores.Refused, match="nothing that a backup of this site holds"):
        restores.unpack(tmp_path / "clinic.age", draft)
    assert [path.name for path in draft.iterdir()] == ["archive.tar"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk to fill")
def test_a_full_disk_is_told_in_one_line_at_whatever_step_and_leaves_nothing_behind(site, tmp_path):
    var = tmp_path / "var"
    var.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(var)], check=True)
    try:
        shutil.copytree(site.folder / "var/keys", var / "keys")
        with (
            closing(sqlite3.connect(site.folder / "var/db.sqlite3")) as live,
            closing(sqlite3.connect(var / "db.sqlite3")) as copy,
        ):
            live.backup(copy)
        size = (var / "db.sqlite3").stat().st_size
        # The database is copied, packed and encrypted: the disk is full at the first, second or third of these.
        for free in (size * 0.5, size * 1.5, size * 2.5):
            disk = os.statvfs(var)
            (var / "filler").write_bytes(bytes(int(disk.f_bavail * disk.f_frsize - free)))
            done = manage(tmp_path, "backup")
            assert done.returncode == 1
            assert len(done.stderr.strip().splitlines()) == 1, done.stderr
            assert "No backup was made" in done.stderr
            assert "full" in done.stderr or "No space left" in done.stderr
            (var / "filler").unlink()
            assert [path.name for path in var.rglob("*") if "unfinished" in path.name or path.suffix == ".age"] == []
        assert manage(tmp_path, "backup").returncode == 0
    finally:
        subprocess.run(["umount", "-l", str(var)], check=True)


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


@pytest.fixture
def other_disk():
    if not os.path.ismount("/dev/shm"):
        pytest.skip("no other disk can be had here")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def test_photographs_go_into_a_folder_that_is_another_disk(site, made, tmp_path, other_disk):
    """A shared one, which can be neither removed nor replaced."""
    (tmp_path / "var").mkdir()
    (tmp_path / "var/media").symlink_to(other_disk)
    code, said = restore(tmp_path, made, keys_of=site)
    assert code == 0, said
    assert (other_disk / "photos/clinic.jpg").read_bytes() == b"a photograph"


@pytest.mark.parametrize("missing", ["media", "database"])
def test_a_restore_that_stops_half_way_leaves_nothing_and_can_be_tried_again(site, made, tmp_path, missing):
    (tmp_path / "var").mkdir()
    away, file = tmp_path / "a disk that is away", tmp_path / "var/db.sqlite3"
    if missing == "media":
        (tmp_path / "var/media").symlink_to(away)
    else:
        file = away / "db.sqlite3"
    where = {"keys_of": site, "DATABASE_URL": f"sqlite:///{file}"}
    code, said = restore(tmp_path, made, **where)
    assert code != 0
    assert "Nothing was restored" in said
    assert not file.exists()
    assert not list((tmp_path / "var").rglob("*.jpg"))
    away.mkdir()
    code, said = restore(tmp_path, made, **where)
    assert code == 0, said
    assert file.exists()
    assert (tmp_path / "var/media/photos/clinic.jpg").exists()


def test_photographs_that_a_killed_restore_left_are_told_with_what_helps(site, made, tmp_path):
    (tmp_path / "var/media/photos").mkdir(parents=True)
    code, said = restore(tmp_path, made, keys_of=site)
    assert code != 0
    assert "empty that folder" in said


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_what_sqlite_would_play_into_the_restored_file_is_in_the_way(site, made, tmp_path, ending):
    left = tmp_path / f"var/db.sqlite3{ending}"
    left.parent.mkdir()
    left.write_bytes(b"pages of people who were erased since")
    code, said = restore(tmp_path, made, keys_of=site)
    assert code != 0
    assert str(left) in said


def test_a_list_that_is_named_must_be_there_and_be_one(site, made, tmp_path):
    wrong_ones = {tmp_path / "nowhere.log": "No such file", made: "not a list", ROOT / "LICENSE": "not a list"}
    for wrong, says in wrong_ones.items():
        code, said = restore(tmp_path, made, "--erasures", str(wrong), keys_of=site)
        assert code != 0
        assert "Nothing was restored" in said
        assert says in said
        assert str(wrong) in said


def test_the_lists_of_all_machines_count_by_lying_there_or_by_name(site, made, tmp_path):
    safe = shutil.copytree(made.parent, tmp_path / "safe")
    lines = [f"{uuid4()} erased 2026-11-22T12:00:00+01:00\n" for _machine in range(4)]
    lists = [safe / "erasures.log", safe / "erasures-bea.log", tmp_path / "c.log", tmp_path / "var/erasures.log"]
    lists[-1].parent.mkdir()
    for path, line in zip(lists, lines, strict=True):
        path.write_text(line)
    code, said = restore(tmp_path, safe / made.name, "--erasures", str(tmp_path / "c.log"), keys_of=site)
    assert code == 0, said
    assert sorted((tmp_path / "var/erasures.log").read_text().splitlines(keepends=True)) == sorted(lines)
    assert (tmp_path / "var/erasures.log").stat().st_mode & 0o777 == 0o600


def test_a_lost_list_does_not_take_its_copy_along(site, tmp_path):
    own, copy = site.folder / "var/erasures.log", tmp_path / "erasures.log"
    first, second = (f"{uuid4()} erased 2026-11-22T12:00:00+01:00\n" for _time in range(2))
    own.write_text(first)
    site.manage("backup", "--to", str(tmp_path))
    own.write_text(second)
    site.manage("backup", "--to", str(tmp_path))
    own.unlink()
    site.manage("backup", "--to", str(tmp_path))
    assert copy.read_text() == first + second
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("minutes", [0, 10, 19 * 60 + 59])
def test_no_backup_outlives_the_days_promised_whenever_it_was_made(settings, tmp_path, minutes):
    made_at = rome(2026, 10, 10, 4) + timedelta(minutes=minutes)  # summer time, and it ends meanwhile
    backup = tmp_path / backups.NAME.format(made_at.astimezone(UTC))
    backup.touch()
    nights = [rome(2026, 10, 10, 4, night % 10) + timedelta(days=night) for night in range(1, 40)]
    gone_at = next(night for night in nights if backups.rotate(tmp_path, now=night))
    kept_for = timedelta(days=settings.KEEP_BACKUP_DAYS)
    assert kept_for - timedelta(days=2) < gone_at - made_at <= kept_for
    assert timezone.localdate(gone_at) <= retention.backups_until(now=made_at)


def test_backups_of_the_last_thirty_days_stay_and_those_of_a_wrong_clock_do_not(tmp_path):
    names = {age: backups.NAME.format(NOW - timedelta(days=age)) for age in [-200, -1, 0, 1, 29, 30, 400]}
    for name in names.values():
        (tmp_path / name).touch()
    assert backups.rotate(tmp_path, now=NOW) == 3
    assert {path.name for path in tmp_path.iterdir()} == {names[age] for age in (-1, 0, 1, 29)}


@pytest.fixture
def other_backup(settings, tmp_path):
    """Another backup at work: holds the lock until the file is closed."""
    settings.VAR_DIR = tmp_path
    with (tmp_path / "backup.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


@pytest.mark.django_db
def test_two_backups_at_once_write_the_list_of_erased_ids_one_after_the_other(other_backup, tmp_path, monkeypatch):
    """Each reads it and writes it anew: at the same time, one would lose what only the other has read."""
    monkeypatch.setattr(backups.dumps, "copy_out", lambda target: target.touch())
    own, folder, began = tmp_path / "erasures.log", tmp_path / "backups", threading.Event()

    def make():
        began.set()
        backups.make(folder, now=NOW)

    monkeypatch.setattr(backups.fingerprints, "needed", list)
    thread = threading.Thread(target=make)
    thread.start()
    began.wait()
    thread.join(0.3)
    assert thread.is_alive()
    own.write_text("erased meanwhile\n")
    assert not list(folder.glob("*"))
    other_backup.close()
    thread.join(30)
    assert (folder / "erasures.log").read_text() == "erased meanwhile\n"


def test_a_backup_that_another_process_deletes_meanwhile_is_no_error(tmp_path, monkeypatch):
    old = tmp_path / backups.NAME.format(NOW - timedelta(days=60))
    monkeypatch.setattr(backups, "all_in", lambda folder: [old])
    assert backups.rotate(tmp_path, now=NOW) == 1


def test_backups_of_the_former_format_go_by_their_day_too(tmp_path):
    names = [Path(backups.NAME.format(NOW - timedelta(days=age))).with_suffix(".sealed") for age in (1, 31)]
    for name in names:
        (tmp_path / name).touch()
    assert backups.rotate(tmp_path, now=NOW) == 1
    assert [path.name for path in tmp_path.iterdir()] == [str(names[0])]


# As the kernel kills it: after the database was copied, before it is encrypted.
KILLED = """
import os, signal
from django.core.management import call_command
from clinic.operations import backups, restores
backups.pack = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
call_command("backup")
"""


@pytest.fixture
def killed(site):
    """What a backup that was killed has left, in a site's VAR_DIR."""
    site.manage("shell", "--no-imports", "--command", KILLED, check=False)
    yield site.folder / "var"
    for left in (site.folder / "var").rglob(f"{backups.UNFINISHED}*"):
        shutil.rmtree(left)


def test_the_database_in_clear_never_lies_where_backups_are_fetched_from_and_is_its_owners_alone(killed):
    (database,) = killed.rglob(f"{backups.UNFINISHED}*/database")
    assert database.read_bytes().startswith(b"SQLite format 3")
    assert killed / "backups" not in database.parents
    assert database.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not shutil.which("rsync"), reason="needs rsync")
def test_what_another_machine_fetches_each_night_is_encrypted(killed, tmp_path):
    (told,) = (line for line in steps("let another machine fetch").splitlines() if "/backups/ " in line)
    command = told.partition("root  ")[2]
    for theirs, ours in {"clinic-machine:/var/lib/clinic": killed, "/backup/clinic": tmp_path / "fetched"}.items():
        assert theirs in command
        command = command.replace(theirs, str(ours))
    (killed / "backups/.unfinished-of-an-older-version").mkdir()
    subprocess.run(["sh", "-c", command], check=True)
    fetched = {path.name for path in (tmp_path / "fetched").iterdir()}
    assert not {name for name in fetched if not name.endswith((".age", ".log"))}


@pytest.mark.parametrize("place", ["", "backups"])
def test_what_a_killed_backup_left_behind_goes_with_the_next_one(settings, tmp_path, place):
    settings.VAR_DIR, folder = tmp_path, tmp_path / "backups"
    folder.mkdir()
    left = tmp_path / place / f"{backups.UNFINISHED}abc"
    left.mkdir()
    os.utime(left, (NOW.timestamp(), NOW.timestamp()))
    backups.rotate(folder, now=NOW + timedelta(hours=5))
    assert left.exists()
    backups.rotate(folder, now=NOW + timedelta(hours=23))
    assert not left.exists()
