import os
import subprocess
import sys

import pytest

from tests.site import ROOT


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


@pytest.mark.parametrize("left", ["db.sqlite3.moved", "erasures.log", "backups/clinic-20261122-040000.sealed"])
def test_where_a_database_was_nothing_makes_an_empty_one_nor_invites_to_it(tmp_path, left):
    trace, file = tmp_path / "var" / left, tmp_path / "var/db.sqlite3"
    trace.parent.mkdir(parents=True)
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
