import os
import subprocess
import sys

import pytest

from clinic.encryption import age, keys
from tests.site import ROOT, free_port


def start(tmp_path, *arguments, input=None, **environment):
    clean = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path / "var"), "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [sys.executable, "manage.py", *(arguments or ["check"])],
        cwd=ROOT,
        env=clean | environment,
        input=input,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value", "cure"),
    [
        ("SITE_URL", "example.org", "http or https"),
        ("SITE_URL", "https://example.org/path", "no path"),
        ("PORT", "eighty", "whole number from 1 to 65535"),
        ("PORT", "0", "whole number from 1 to 65535"),
        ("WEB_CONCURRENCY", "x", "whole number from 1 to 64"),
        ("WEB_CONCURRENCY", "0", "whole number from 1 to 64"),
        ("WEB_CONCURRENCY", "-1", "whole number from 1 to 64"),
        ("DEBUG", "perhaps", "1 or 0"),
        ("DATABASE_URL", "mysql://x/y", "postgres://"),
        ("DATABASE_URL", "sqlite://:memory:", "sqlite:////folder"),
        ("FIELD_KEYS", "short", "Fernet"),
        ("DIGEST_KEY", "short", "32 random characters"),
        ("BACKUP_KEY", "W6dTrKmqzPNdkjSU5ZmXFpaVn6mZ4yKbHfZ3o0q0SyQ=", "and the site makes a new one"),
        ("BACKUP_KEY", "AGE-SECRET-KEY-1ABC", "AGE-SECRET-KEY-1..."),
        ("BACKUP_RECIPIENT", "age1abc", "age-keygen"),
        ("DATABASE_URL", "postgres://anna:se/cret@127.0.0.1:5432/x", "# is %23"),
        ("EMAIL_URL", "consolemail://", "smtp"),
        ("EMAIL_URL", "smtp+tls://anna:se#cret@mail.example.org:587", "# is %23"),
        ("MAIL_FROM", "nobody", "email address"),
        ("LEADS_PER_HOUR", "-1", "whole number"),
        ("TRUSTED_PROXIES", "many", "whole number"),
        ("VAR_DIR", "/proc/nowhere", "VAR_DIR"),
    ],
)
def test_a_bad_variable_stops_the_start_with_its_name_and_cure_in_one_sentence(tmp_path, name, value, cure):
    done = start(tmp_path, **{name: value})
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert name in done.stderr
    assert cure in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
@pytest.mark.parametrize(("owner", "name"), [(65534, "as nobody"), (54321, "as user 54321")])
def test_root_writes_nothing_where_the_site_is_another_user(tmp_path, owner, name):
    var = tmp_path / "var"
    var.mkdir()
    os.chown(var, owner, owner)
    done = start(tmp_path, "prepare")
    assert done.returncode != 0
    assert name in done.stderr
    assert "clinic COMMAND" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(var.iterdir())


def test_the_first_start_makes_keys_that_only_the_owner_reads_and_the_second_keeps_them(tmp_path):
    assert start(tmp_path).returncode == 0
    folder = tmp_path / "var" / "keys"
    first = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(first) == {"secret_key", "field_keys", "digest_key", "backup_key"}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert start(tmp_path).returncode == 0
    assert {path.name: path.read_text() for path in folder.iterdir()} == first


def test_a_key_of_the_kind_before_age_is_kept_until_the_operator_takes_it_out(tmp_path):
    file = tmp_path / "var/keys/backup_key"
    file.parent.mkdir(parents=True)
    file.write_text("W6dTrKmqzPNdkjSU5ZmXFpaVn6mZ4yKbHfZ3o0q0SyQ=\n")
    said = start(tmp_path).stderr
    assert f"take it out of {file}" in said
    assert len(said.strip().splitlines()) == 1
    file.rename(tmp_path / "old_backup_key")
    assert start(tmp_path).returncode == 0
    assert file.read_text().startswith("AGE-SECRET-KEY-1")


def test_with_the_public_key_alone_no_private_one_is_made(tmp_path):
    public = age.recipient_of(age.new_identity())
    assert start(tmp_path, BACKUP_RECIPIENT=public).returncode == 0
    assert {path.name for path in (tmp_path / "var/keys").iterdir()} == {"secret_key", "field_keys", "digest_key"}


def test_two_keys_that_do_not_belong_together_are_refused(tmp_path):
    public = age.recipient_of(age.new_identity())
    done = start(tmp_path, BACKUP_RECIPIENT=public, BACKUP_KEY=age.new_identity())
    assert done.returncode != 0
    assert "BACKUP_RECIPIENT is not the public key of BACKUP_KEY" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


KEYS = {
    "SECRET_KEY": "s" * 40,
    "DIGEST_KEY": "d" * 40,
    "FIELD_KEYS": "W6dTrKmqzPNdkjSU5ZmXFpaVn6mZ4yKbHfZ3o0q0SyQ=",
    "BACKUP_RECIPIENT": age.recipient_of(age.new_identity()),
}


def test_reading_the_settings_creates_the_keys_and_nothing_else(tmp_path):
    assert start(tmp_path, "shell", "--no-imports", "--command", "1", **KEYS).returncode == 0
    assert not (tmp_path / "var").exists()
    assert start(tmp_path).returncode == 0
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["keys"]


def test_a_new_site_can_be_made_ready_with_all_keys_in_the_environment(tmp_path):
    assert start(tmp_path, "migrate", "-v0", **KEYS).returncode == 0
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("command", ["purge_leads", "load_content", "rotate_keys", "forget_sign_ins"])
@pytest.mark.parametrize("database", ["missing", "empty"])
def test_a_command_that_finds_nothing_prepared_says_so_in_one_sentence(tmp_path, command, database):
    if database == "empty":
        (tmp_path / "var").mkdir()
        (tmp_path / "var/db.sqlite3").touch()
        assert start(tmp_path, **KEYS).returncode == 0
    done = start(tmp_path, command, **KEYS)
    assert done.returncode != 0
    assert "clinic prepare" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_web_server_that_finds_nothing_prepared_says_so_and_stops(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(tmp_path),
            "PORT": str(free_port()),
            "PYTHONWARNINGS": "ignore",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    assert "Nothing is prepared to serve here: run clinic prepare" in done.stdout + done.stderr


def test_a_key_that_another_process_creates_meanwhile_is_used(tmp_path):
    """It may have gone on to create the database too, so that no key may be created any more."""

    def another_is_faster():
        keys.create(tmp_path / "secret_key", "theirs")
        return False

    made = keys.read_or_create("SECRET_KEY", folder=tmp_path, generate=lambda: "ours", may_create=another_is_faster)
    assert made == "theirs"


@pytest.mark.parametrize("lost", ["field_keys", "digest_key", "secret_key"])
def test_a_lost_key_is_not_replaced_while_the_data_it_reads_exists(tmp_path, lost):
    assert start(tmp_path, "migrate", "-v0").returncode == 0
    (tmp_path / "var" / "keys" / lost).unlink()
    done = start(tmp_path)
    assert done.returncode != 0
    assert "put the key file back" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["its own", "absolute", "relative"])
def test_a_lost_database_is_an_error_not_an_empty_site(tmp_path, name):
    file = tmp_path / "var" / "db.sqlite3"
    named = {"absolute": file, "relative": os.path.relpath(file, ROOT)}
    environment = {"DATABASE_URL": f"sqlite:///{named[name]}"} if name in named else {}
    done = start(tmp_path, "make_staff", "anna", "--role", "owner", "--password-stdin", **environment)
    assert done.returncode != 0
    assert not file.exists()
    assert start(tmp_path, "migrate", "-v0", **environment).returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("left", ["db.sqlite3.moved", "erasures.log", "backups/clinic-20261122-040000.age"])
def test_where_a_database_was_nothing_makes_an_empty_one_nor_invites_to_it(tmp_path, left):
    assert start(tmp_path).returncode == 0  # makes the keys
    trace, file = tmp_path / "var" / left, tmp_path / "var/db.sqlite3"
    trace.parent.mkdir(exist_ok=True)
    trace.touch()
    for command in ("prepare", "migrate", "serve"):
        done = start(tmp_path, command)
        assert done.returncode != 0
        assert f"There was a database here ({trace} is left of it): restore it" in done.stderr
        assert "write DATABASE_URL into .env" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    said = start(tmp_path, "make_staff", "anna", "--role", "owner").stderr
    assert ("write DATABASE_URL into .env" if left.endswith(".moved") else "Restore the newest sound backup") in said
    assert "prepare" not in said
    assert not file.exists()


@pytest.mark.parametrize(
    ("database", "password", "role", "says"),
    [
        ("missing", "quattro parole a caso", "owner", "A new site: clinic prepare"),
        ("empty", "quattro parole a caso", "owner", "migrations. Run: clinic prepare"),
        ("ready", "corta", "owner", "12"),
        ("ready", "quattro parole a caso", "boss", "choose from"),
    ],
)
def test_an_account_that_cannot_be_made_says_why_in_one_line(tmp_path, site, database, password, role, says):
    if database == "empty":
        (tmp_path / "var").mkdir()
        (tmp_path / "var" / "db.sqlite3").touch()
    environment = site.environment if database == "ready" else {}
    done = start(tmp_path, "make_staff", "x", "--role", role, "--password-stdin", input=password, **environment)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert says in done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("url", ["https://www.example.org", "http://127.0.0.1:8000"])
def test_the_deploy_check_is_clean_with_an_https_address(tmp_path, url):
    done = start(tmp_path, "check", "--deploy", "--fail-level", "WARNING", SITE_URL=url)
    assert (done.returncode == 0) is url.startswith("https"), done.stderr
