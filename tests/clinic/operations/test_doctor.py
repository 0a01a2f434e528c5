"""The doctor names each problem, says what helps, and tells cron by its exit code."""

import datetime
import json
import os
import re
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import DataError, IntegrityError, OperationalError, connection
from django.utils import timezone

from clinic.database import errors
from clinic.encryption.keys import fernet_key, random_key
from clinic.operations import doctor, metrics
from clinic.operations.doctor import services, staff, storage
from contacts.models import Lead, OutboxEmail, WorkerHeartbeat
from tests import commands
from tests.leads import make_lead
from tests.site import Site, free_port
from tests.staff import make_staff

NOW = timezone.now()
HOUR = datetime.timedelta(hours=1)


def trouble(check, now=NOW):
    """Return what `check` says is wrong and what helps, or '' when all is well."""
    try:
        check(now)
    except doctor.Problem as problem:
        message, hint = problem.args
        assert hint
        return f"{message} | {hint}"
    return ""


def test_a_new_site_is_told_what_is_still_to_do(site):
    done = commands.manage("doctor", "--quiet", env=site.environment)
    assert done.returncode == 1
    said = {line.split(":")[0] for line in done.stdout.splitlines() if line.startswith("TROUBLE")}
    assert {"TROUBLE  address", "TROUBLE  mail"} <= said
    assert not {f"TROUBLE  {name}" for name in ("database", "disk", "keys", "static files", "private files")} & said
    assert "ok " not in done.stdout


def test_a_monitor_gets_one_line_of_numbers(site):
    lines = site.manage("doctor", "--json", check=False).splitlines()
    metrics = json.loads(lines[0])
    assert len(lines) == 1
    assert "mail" in metrics.pop("trouble")
    assert {"leads_open", "mails_waiting", "mails_oldest_waiting_seconds", "disk_free_bytes"} <= set(metrics)
    assert all(isinstance(value, int) for value in metrics.values())


@pytest.mark.parametrize(
    ("state", "says", "cure"),
    [
        ("moved", "unable to open database file", "It was moved to PostgreSQL: write DATABASE_URL into .env."),
        ("lost", "unable to open database file", "Restore the newest sound backup"),
        ("damaged", "file is not a database", "restore the newest sound backup"),
        ("new", "unable to open database file", "A new site: clinic prepare"),
        ("no server", "Connection refused", "See: systemctl status postgresql, and DATABASE_URL in .env."),
    ],
)
def test_a_database_that_does_not_answer_is_told_with_its_own_words_and_cure(tmp_path, state, says, cure):
    site, var = Site(tmp_path), tmp_path / "var"
    site.manage("check")  # makes the keys
    if state in {"moved", "lost"}:
        (var / ("db.sqlite3.moved" if state == "moved" else "erasures.log")).touch()
    elif state == "damaged":
        (var / "db.sqlite3").write_bytes(b"no database" * 1000)
    elif state == "no server":
        site.environment["DATABASE_URL"] = f"postgres://postgres@127.0.0.1:{free_port()}/x"
    said = site.manage("doctor", check=False)
    assert re.search(rf"^TROUBLE  database: does not answer: .*{says}.*\n         .*{re.escape(cure)}", said, re.M), (
        said
    )
    assert f"TROUBLE  worker: cannot be checked: {says}" in said or state == "no server"


def test_an_error_that_may_quote_a_row_is_told_by_its_kind_alone():
    for error in (IntegrityError("anna@example.org"), DataError("anna@example.org"), OperationalError("")):
        assert errors.reason(error) == type(error).__name__
    assert errors.reason(OperationalError("disk I/O error\nDETAIL: anna@example.org")) == "disk I/O error"


@pytest.mark.django_db
def test_a_silent_worker_is_noticed_after_five_minutes():
    assert "ever" in trouble(services.worker)
    WorkerHeartbeat.objects.create(name="worker", at=NOW - HOUR / 15)
    assert trouble(services.worker) == ""
    assert "no heartbeat since" in trouble(services.worker, NOW + HOUR / 30)


@pytest.mark.django_db
def test_a_daily_job_that_was_not_done_is_named():
    WorkerHeartbeat.objects.create(name="purge_leads", at=NOW - 28 * HOUR)
    assert "purge_leads" in trouble(services.jobs)
    WorkerHeartbeat.objects.update(at=NOW - 20 * HOUR)
    assert trouble(services.jobs) == ""


@pytest.mark.django_db
def test_a_date_far_from_the_last_purge_is_told_with_the_way_on():
    assert trouble(services.date) == ""
    WorkerHeartbeat.objects.create(name="purge_leads", at=NOW)
    assert trouble(services.date, NOW + 71 * HOUR) == ""
    for days in (3, 200, -3):
        assert "--ignore-clock" in trouble(services.date, NOW + days * 24 * HOUR)


@pytest.mark.django_db
def test_mails_that_wait_are_counted_with_their_reason():
    make_lead(now=NOW - HOUR)
    assert "never tried" in trouble(services.undelivered_mail)
    OutboxEmail.objects.update(last_error="connection refused")
    said = trouble(services.undelivered_mail)
    assert said.startswith("2 mails wait")
    assert "connection refused" in said
    assert "if both are ok: systemctl restart clinic-worker" in said
    assert "@" not in said
    OutboxEmail.objects.update(sent_at=NOW)
    assert trouble(services.undelivered_mail) == ""


@pytest.mark.django_db
def test_one_mistyped_address_or_a_fourth_mail_of_the_day_is_no_trouble_of_the_machine():
    lead = make_lead(now=NOW - HOUR)
    OutboxEmail.objects.filter(kind="staff").update(sent_at=NOW)
    Lead.objects.update(address_refused=True)
    assert trouble(services.undelivered_mail) == ""
    Lead.objects.update(address_refused=False)
    assert trouble(services.undelivered_mail)
    lead.emails.update(due_at=NOW + HOUR)
    assert trouble(services.undelivered_mail) == ""


@pytest.mark.django_db
def test_patients_who_wait_too_long_are_counted_with_the_way_to_them():
    make_lead(now=NOW - HOUR)
    assert trouble(staff.late_leads) == ""
    make_lead(now=NOW - 24 * 30 * HOUR)
    make_lead(now=NOW - 24 * 31 * HOUR, status="answered")
    said = trouble(staff.late_leads)
    assert "promises: 1, the oldest since" in said
    assert "/admin/" in said
    assert "@" not in said


def test_mail_is_tried_at_the_real_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_URL, settings.STAFF_INBOX, settings.EMAIL_HOST = "", "desk@example.org", "127.0.0.1"
    assert "EMAIL_URL not set" in trouble(services.mail)
    settings.EMAIL_URL, settings.EMAIL_PORT = "smtp://127.0.0.1", free_port()
    assert "refuses the sign-in" in trouble(services.mail)
    server = Controller(Sink(), hostname="127.0.0.1", port=settings.EMAIL_PORT)
    server.start()
    try:
        assert trouble(services.mail) == ""
    finally:
        server.stop()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["FIELD_KEYS", "DIGEST_KEY"])
def test_a_key_that_does_not_read_the_data_is_named(settings, name):
    make_lead()
    assert trouble(storage.keys) == ""
    setattr(settings, name, [fernet_key()] if name == "FIELD_KEYS" else random_key())
    assert name in trouble(storage.keys)


@pytest.mark.django_db
def test_with_a_key_that_does_not_read_the_data_every_other_part_is_still_looked_at(settings):
    make_lead(now=NOW - 60 * 24 * HOUR)
    settings.FIELD_KEYS = [fernet_key()]
    found = {finding.check for finding in doctor.examine(now=NOW) if finding.hint}
    assert {"keys", "late leads", "backup"} <= found
    assert metrics.read(now=NOW)["leads_oldest_open_seconds"] == 60 * 24 * 60 * 60


def test_a_file_that_others_may_read_is_named(settings, tmp_path):
    settings.VAR_DIR, settings.SQLITE_FILE = tmp_path, tmp_path / "db.sqlite3"
    settings.BASE_DIR = tmp_path / "code"
    (tmp_path / "keys").mkdir()
    key, dotenv = tmp_path / "keys" / "field_keys", tmp_path / "code/.env"
    key.touch(mode=0o600)
    dotenv.parent.mkdir()
    dotenv.touch()
    dotenv.chmod(0o640)
    assert trouble(storage.private_files) == ""
    key.chmod(0o640)
    assert f"chmod go= {key}" in trouble(storage.private_files)
    key.chmod(0o600)
    dotenv.chmod(0o644)
    assert f"chmod o= {dotenv}" in trouble(storage.private_files)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_the_site_cannot_go_on_writing_is_named(settings, tmp_path):
    """What somebody once wrote as root: the nightly backup would fail at it."""
    settings.VAR_DIR, settings.SQLITE_FILE = tmp_path, tmp_path / "db.sqlite3"
    (tmp_path / "backups").mkdir()
    copy = tmp_path / "backups/erasures.log"
    copy.touch(mode=0o600)
    assert trouble(storage.private_files) == ""
    os.chown(copy, 65534, 65534)
    said = trouble(storage.private_files)
    subprocess.run(said.partition("as root: ")[2].split(), check=True)
    assert trouble(storage.private_files) == ""


PUT_ASIDE = ["db.sqlite3.moved", "db.sqlite3.before", "db.sqlite3-wal.before"]


@pytest.mark.parametrize("name", [*PUT_ASIDE, ".restore-abc", ".unfinished-abc"])
def test_a_copy_that_no_erasure_reaches_is_trouble_until_it_is_gone(settings, tmp_path, name):
    """What a move to PostgreSQL or an operator put aside; what a restore and a backup that were killed had written."""
    settings.VAR_DIR, settings.SQLITE_FILE = tmp_path, tmp_path / "db.sqlite3"
    if connection.vendor == "sqlite":
        for ending in ("", "-wal", "-shm"):
            (tmp_path / f"db.sqlite3{ending}").touch()
    assert trouble(storage.old_copies) == ""
    (tmp_path / name).touch()
    assert f"rm -r {tmp_path / name}" in trouble(storage.old_copies, NOW + 7 * HOUR)


def test_a_backup_at_work_is_no_trouble(settings, tmp_path):
    settings.VAR_DIR, settings.SQLITE_FILE = tmp_path, tmp_path / "db.sqlite3"
    (tmp_path / ".unfinished-abc").mkdir()
    assert trouble(storage.old_copies, NOW + HOUR) == ""


def test_a_backup_older_than_a_day_is_trouble(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    assert "there is none" in trouble(services.backup)
    (tmp_path / "backups").mkdir()
    made = tmp_path / "backups" / "clinic-20261122-030000.age"
    made.touch()
    assert trouble(services.backup) == ""
    os.utime(made, (NOW.timestamp() - 28 * 3600,) * 2)
    assert made.name in trouble(services.backup)


@pytest.mark.django_db
def test_without_an_owner_who_has_a_phone_nobody_can_help():
    make_staff("bea", "editor")
    assert "make_staff" in trouble(staff.owner)
    make_staff("carla", "owner", with_phone=False)
    assert "/admin/: the first sign-in connects the phone" in trouble(staff.owner)
    make_staff("dora", "owner")
    assert trouble(staff.owner) == ""


def test_a_full_disk_is_told_before_the_site_stops(settings, monkeypatch):
    assert trouble(storage.disk) == ""
    monkeypatch.setattr(storage, "ENOUGH_FREE_BYTES", 10**18)
    assert "Make room" in trouble(storage.disk)


@contextmanager
def https_server(folder, *, days, status=200):
    """Give the port of a server that shows a certificate for localhost, good for `days`, and answers with `status`."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string("CN=localhost")
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - 24 * HOUR)
        .not_valid_after(NOW + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "localhost.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    asked = []

    def serve_once():
        try:
            connection, _address = listener.accept()
            with context.wrap_socket(connection, server_side=True) as visitor:
                asked.append(visitor.recv(65536).partition(b" HTTP")[0])
                visitor.sendall(f"HTTP/1.1 {status} As told\r\nContent-Length: 0\r\n\r\n".encode())
        except OSError:
            return  # the visitor did not like the certificate

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve_once)
        thread.start()
        yield listener.getsockname()[1], file, asked
        thread.join()


@pytest.mark.parametrize(("days", "says"), [(60, ""), (5, "ends in 5 days"), (-1, "does not answer")])
def test_the_certificate_is_looked_at_as_a_browser_does(settings, monkeypatch, tmp_path, days, says):
    settings.HTTPS, settings.TRUSTED_PROXIES = True, 1
    with https_server(tmp_path, days=days + 0.5) as (port, file, _asked):
        settings.SITE_URL = f"https://localhost:{port}"
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        said = trouble(services.address)
    assert says in said
    assert bool(said) is bool(says)


def test_an_nginx_with_no_site_behind_it_is_not_taken_for_the_site(settings, monkeypatch, tmp_path):
    settings.HTTPS, settings.TRUSTED_PROXIES = True, 1
    with https_server(tmp_path, days=60, status=503) as (port, file, asked):
        settings.SITE_URL = f"https://localhost:{port}"
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        said = trouble(services.address)
    assert asked == [b"GET /readyz"]
    assert "answers 503" in said
    assert "systemctl status clinic-web clinic-web.socket" in said


def test_an_address_that_cannot_work_is_told_with_its_cure(settings):
    settings.HTTPS = False
    assert "nginx" in trouble(services.address)
    settings.HTTPS, settings.TRUSTED_PROXIES = True, 0
    assert "TRUSTED_PROXIES=1" in trouble(services.address)
    settings.TRUSTED_PROXIES, settings.SITE_URL = 1, f"https://localhost:{free_port()}"
    assert "systemctl status nginx" in trouble(services.address)
