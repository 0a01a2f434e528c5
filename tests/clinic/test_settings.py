import os
import re
import runpy
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.test import override_settings

from clinic import environment
from clinic.encryption import age, keys
from tests import commands
from tests.mail_server import TLSMailServer
from tests.site import ROOT, Site, free_port


def start(tmp_path, *arguments, input=None, **environment):
    clean = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path / "var"), "PYTHONWARNINGS": "ignore"}
    return commands.manage(*(arguments or ["check"]), env=clean | environment, input=input)


def read(monkeypatch, folder, **environment):
    """Return the settings as a process with this environment reads them, in this process."""
    kept = {"VAR_DIR": str(folder / "var"), "PATH": os.environ["PATH"]}
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in (kept | environment).items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "clinic/settings.py"))


ADDRESS, SERVER, NUMBER = "https://www.example.org: http or https", "smtp+tls://user:password@", "a whole number from "
BAD = [
    *(("SITE_URL", value, ADDRESS) for value in (
        "example.org", "ftp://example.org", "https://", "https:/example.org", "https://example.org/path",
        "https://example.org?x=1", "https://example.org/#x", "https://anna@example.org", "https://exa mple.org",
        "https://example.org:port", "https://example.org:99999", "https://" + "a" * 64 + "à.it",
    )),
    *(("PORT", value, f"{NUMBER}1 to 65535") for value in ("eighty", "0", "-1", "65536", "80.0", "8_000")),
    *(("WEB_CONCURRENCY", value, f"{NUMBER}1 to 64") for value in ("x", "0", "-1", "65")),
    *(("LEADS_PER_HOUR", value, NUMBER) for value in ("-1", "many", "1e3")),
    *(("TRUSTED_PROXIES", value, f"{NUMBER}0 to 10") for value in ("many", "-1", "11", "127.0.0.1")),
    *(("DEBUG", value, "must be 1 or 0") for value in ("perhaps", "2", "sì")),
    ("DATABASE_URL", "mysql://x/y", "postgres://user"),
    ("DATABASE_URL", "postgres://anna@127.0.0.1", "postgres://user"),
    ("DATABASE_URL", "sqlite://:memory:", "sqlite:////folder"),
    ("DATABASE_URL", "sqlite://", "sqlite:////folder"),
    ("DATABASE_URL", "postgres://anna:se/cret@127.0.0.1:5432/x", "# is %23"),
    ("FIELD_KEYS", "short", "Fernet"),
    ("FIELD_KEYS", ",", "FIELD_KEYS is empty"),
    ("DIGEST_KEY", "short", "32 random characters"),
    ("SECRET_KEY", "short", "32 random characters"),
    ("BACKUP_KEY", "W6dTrKmqzPNdkjSU5ZmXFpaVn6mZ4yKbHfZ3o0q0SyQ=", "and the site makes a new one"),
    ("BACKUP_KEY", "AGE-SECRET-KEY-1ABC", "AGE-SECRET-KEY-1..."),
    ("BACKUP_RECIPIENT", "age1abc", "age-keygen"),
    *(("EMAIL_URL", value, SERVER) for value in (
        "mail.example.org", "imap://mail.example.org", "smtp://", "smtps://:465", "smtp://mail.example.org:port",
        "smtp+tls://anna:se#cret@mail.example.org:587", "smtp://mail.example.org/folder", "consolemail://",
        "dummymail://", "smtp://mail.example.org?ssl=1", "smtp://mail example.org",
    )),
    *(("EMAIL_URL", f"{scheme}://anna:secret@mail.example.org:465", "smtps://") for scheme in ("smtp", "smtp+tls")),
    *((name, value, "one email address") for name in ("MAIL_FROM", "STAFF_INBOX") for value in (
        "nobody", "anna@", "@example.org", "anna@example", "a b@example.org", "a@example.org, nobody",
    )),
    ("MAIL_FROM", "a@example.org, b@example.org", "one email address"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "message"), BAD)
def test_a_bad_value_is_named_with_what_to_write_and_never_repeated(monkeypatch, tmp_path, name, value, message):
    with pytest.raises(ImproperlyConfigured) as error:
        read(monkeypatch, tmp_path, **{name: value})
    assert name in str(error.value)
    assert message in str(error.value)
    assert "secret" not in str(error.value)
    assert "se#cret" not in str(error.value)


def test_every_variable_is_explained_and_has_its_bad_values():
    explained = set(re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert explained == set(environment.NAMES)
    # A folder is bad when something is to be written there (below).
    assert {name for name, _value, _message in BAD} == explained - {"VAR_DIR"}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("PORT", "eighty", "whole number"), ("VAR_DIR", "/proc/nowhere", "VAR_DIR"), ("SITEURL", "x", "write SITE_URL")],
)
def test_a_bad_variable_stops_the_start_in_one_sentence(tmp_path, name, value, message):
    command = [sys.executable, "manage.py", "check"]
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path / "var"), name: value}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("SITEURL", "SITE_URL"), ("STAFF_EMAIL", "STAFF_INBOX"), ("MAILFROM", "MAIL_FROM"), ("EMAIL_HOST", "EMAIL_URL"),
        ("site_url", "SITE_URL"), ("TRUSTED_PROXY", "TRUSTED_PROXIES"), ("LEAD_PER_HOUR", "LEADS_PER_HOUR"),
        ("FIELD_KEY", "FIELD_KEYS"), ("BACKUP_KEYS", "BACKUP_KEY"), ("DATABASEURL", "DATABASE_URL"),
        ("MAIL_URL", "MAIL_FROM"), ("WEB_CONCURENCY", "WEB_CONCURRENCY"), ("VARDIR", "VAR_DIR"),
    ],
)  # fmt: skip
def test_a_misspelt_variable_is_named_with_the_nearest_right_one(monkeypatch, tmp_path, name, nearest):
    with pytest.raises(ImproperlyConfigured, match=f"{name} is no setting of the site: write {nearest}, or remove it"):
        read(monkeypatch, tmp_path, **{name: "x"})
    (tmp_path / ".env").write_text(f"{name}=x\n")
    monkeypatch.delenv(name)
    with pytest.raises(ImproperlyConfigured, match=rf"{name} in /.*/\.env is no setting of the site: write {nearest}"):
        environment.load(tmp_path / ".env")


@pytest.mark.parametrize("name", [
    "PATH", "HOME", "LANG", "MAIL", "TERM", "USER", "SHELL", "LOGNAME", "TZ", "HOSTNAME", "PYTHONPATH", "VIRTUAL_ENV",
    "DEBUGINFOD_URLS", "DEBIAN_FRONTEND", "SUPPORT", "XDG_DATA_DIRS", "SSH_AUTH_SOCK", "INVOCATION_ID", "LISTEN_FDS",
    "STATE_DIRECTORY", "NOTIFY_SOCKET", "DJANGO_SETTINGS_MODULE", "GUNICORN_CMD_ARGS", "NEW_DATABASE_URL",
    "TEST_POSTGRES_URL", "POSTGRES_PASSWORD", "COMPOSE_FILE", "COMPOSE_ENV_FILES", "CI",
])  # fmt: skip
def test_the_variables_of_others_are_left_alone(monkeypatch, tmp_path, name):
    (tmp_path / ".env").write_text(f"{name}=x\n")
    monkeypatch.setenv(name, "x")
    environment.load(tmp_path / ".env")


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"\xef\xbb\xbfMAIL_FROM=anna@example.org\n", "anna@example.org"),
        (b"MAIL_FROM = anna@example.org \t\n", "anna@example.org"),
        (b"  export MAIL_FROM=anna@example.org", "anna@example.org"),
        (b'MAIL_FROM="Anna <anna@example.org>"\r\nPORT=1\r\n', "Anna <anna@example.org>"),
        (b"MAIL_FROM='anna@example.org'  # the centre's\n", "anna@example.org"),
        (b"MAIL_FROM=anna@example.org # the centre's\n", "anna@example.org"),
        (b"MAIL_FROM=anna@example.org\rPORT=1\r", "anna@example.org"),
        (b"MAIL_FROM=#1$x\n", "#1$x"),
        (b"MAIL_FROM=$HOME\n", "$HOME"),
        (b'MAIL_FROM="a\\"b"\n', 'a"b'),
        (b"MAIL_FROM= # not yet\n", ""),
        (b"# MAIL_FROM=x\n\n  # y\n", ""),
    ],
)
def test_a_good_env_file_works_whatever_wrote_it(monkeypatch, tmp_path, content, value):
    # Set and removed, so that what load() sets is undone.
    for name in ("MAIL_FROM", "PORT"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    (tmp_path / ".env").write_bytes(content)
    environment.load(tmp_path / ".env")
    assert environment.text("MAIL_FROM") == value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PORT=1\nEMAIL_URL: secret\n", "Line 2 of "),
        (b"\nsecret\n", "Line 2 of "),
        (b'MAIL_FROM="secret\n', "Line 1 of "),
        (b"MAIL-FROM=secret\n", "Line 1 of "),
        (b'MAIL_FROM="secret" x\n', "Line 1 of "),
        ("MAIL_FROM=secreté\n".encode("latin-1"), "is not in UTF-8"),
        ("MAIL_FROM=secret\n".encode("utf-16"), "is not in UTF-8"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_by_its_number_and_not_repeated(tmp_path, content, message):
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(ImproperlyConfigured) as error:
        environment.load(tmp_path / ".env")
    assert message in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "host", "written"),
    [
        ("https://www.vitiligò.it", "www.xn--vitilig-j0a.it", "https://www.xn--vitilig-j0a.it"),
        ("https://WWW.Example.org/", "www.example.org", "https://www.example.org"),
        ("https://www.example.org.", "www.example.org", "https://www.example.org"),
        ("https://www.example.org:443", "www.example.org", "https://www.example.org"),
        ("https://www.example.org:8443", "www.example.org", "https://www.example.org:8443"),
        ('"https://www.example.org"', "www.example.org", "https://www.example.org"),
        ("http://[2001:DB8::1]:8000", "[2001:db8::1]", "http://[2001:db8::1]:8000"),
    ],
)
def test_the_address_of_the_site_is_what_browsers_send(monkeypatch, tmp_path, url, host, written):
    settings = read(monkeypatch, tmp_path, SITE_URL=url)
    assert settings["ALLOWED_HOSTS"][0] == host
    assert settings["SITE_URL"] == written
    assert settings["SECURE_SSL_HOST"] == written.partition("//")[2]


@pytest.mark.parametrize("scheme", ["smtp", "smtp+tls", "smtps", "smtp+ssl"])
def test_each_scheme_of_the_mail_server_speaks_as_it_says_and_signs_in(monkeypatch, tmp_path, scheme):
    with TLSMailServer(tmp_path, begins_with_tls=scheme in {"smtps", "smtp+ssl"}) as server:
        port = f":{server.port}"
        given = read(
            monkeypatch, tmp_path, EMAIL_URL=f"{scheme}://anna%40x:p%23+%2F@localhost{port}", MAIL_FROM="a@x.it"
        )
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        with override_settings(**{name: given[name] for name in given if name.startswith("EMAIL_")}):
            backend = get_connection("django.core.mail.backends.smtp.EmailBackend")
            assert backend.send_messages([EmailMessage("subject", "text", "a@x.it", ["b@x.it"])]) == 1
    assert server.sessions == [("anna@x", "p#+/", scheme != "smtp")]


@pytest.mark.parametrize(("scheme", "port"), [("smtp", 25), ("smtp+tls", 587), ("smtps", 465), ("smtp+ssl", 465)])
def test_each_scheme_of_the_mail_server_has_its_port(monkeypatch, tmp_path, scheme, port):
    assert read(monkeypatch, tmp_path, EMAIL_URL=f"{scheme}://mail.example.org")["EMAIL_PORT"] == port


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
    Site(tmp_path).copy_prepared()
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


def test_the_folder_of_the_database_may_have_any_name(monkeypatch, tmp_path):
    folder = tmp_path / "1+1 = 50%25?#ò"
    assert read(monkeypatch, folder)["SQLITE_FILE"] == folder / "var/db.sqlite3"


@pytest.mark.parametrize(
    ("left", "commands"),
    [
        ("db.sqlite3.moved", ["migrate"]),
        ("erasures.log", ["prepare"]),
        ("backups/clinic-20261122-040000.age", ["prepare", "migrate", "serve"]),
    ],
)
def test_where_a_database_was_nothing_makes_an_empty_one_nor_invites_to_it(tmp_path, left, commands):
    assert start(tmp_path).returncode == 0  # makes the keys
    trace, file = tmp_path / "var" / left, tmp_path / "var/db.sqlite3"
    trace.parent.mkdir(exist_ok=True)
    trace.touch()
    for command in commands:
        done = start(tmp_path, command, PORT=str(free_port()))
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


@pytest.mark.parametrize(
    "value", ["a@example.org", "a@example.org, b@example.org", "Desk <a@example.org>; b@example.org"]
)
def test_the_centre_may_have_several_inboxes(monkeypatch, tmp_path, value):
    assert read(monkeypatch, tmp_path, STAFF_INBOX=value) is not None
