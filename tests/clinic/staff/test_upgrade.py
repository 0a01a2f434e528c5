"""A database of the release before allauth goes on working: accounts, phones and recovery codes sign in as before."""

import sqlite3
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet

from tests.postgres import throw_away_database
from tests.site import Site
from tests.staff import SECRET

BEFORE = Path(__file__).with_name("before_allauth.sql")
KEYS = {"SECRET_KEY": "s" * 40, "DIGEST_KEY": "d" * 40, "FIELD_KEYS": Fernet.generate_key().decode()}
# The same on PostgreSQL, as far as the upgrade reads it.
OLD_TABLES = """
CREATE TABLE otp_totp_totpdevice (id serial, user_id int, key text, step int, digits int, confirmed bool);
CREATE TABLE otp_static_staticdevice (id int PRIMARY KEY, user_id int, confirmed bool);
CREATE TABLE otp_static_statictoken (
    id serial, token text, device_id int REFERENCES otp_static_staticdevice DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE axes_accessattempt (id serial, username text);
INSERT INTO auth_user
    (id, username, password, is_active, is_staff, is_superuser, first_name, last_name, email, date_joined)
VALUES (1, 'anna', '!', true, true, false, '', '', '', now());
INSERT INTO otp_totp_totpdevice (user_id, key, step, digits, confirmed)
VALUES (1, '303132333435363738396162636465666768696a', 30, 6, true), (1, 'ff', 30, 6, false);
INSERT INTO otp_static_staticdevice VALUES (1, 1, true);
INSERT INTO otp_static_statictoken (token, device_id) VALUES ('q5m3olm4', 1), ('a2b3c4d5', 1);
"""
SIGN_IN = """
from django.test import Client
from tests import staff
for code in (staff.phone_code(), "Q5M3 olm4", "q5m3olm4"):
    client = Client(SERVER_NAME="localhost")
    staff.give_password(client)
    staff.give_code(client, code)
    print(client.get("/admin/").status_code)
client = Client(SERVER_NAME="localhost")
staff.give_password(client, "bruno")
print(client.get("/admin/", follow=True).redirect_chain[-1][0])
"""
SECRETS = """
from allauth.mfa.models import Authenticator
from clinic.encryption.fields import decrypt
for factor in Authenticator.objects.order_by("type"):
    print(factor.user.username, factor.type, [decrypt(code) for code in factor.data.get("migrated_codes", [])]
          or decrypt(factor.data["secret"]))
"""
CODES = f"anna recovery_codes ['q5m3olm4', 'a2b3c4d5']\nanna totp {SECRET}"


def test_accounts_phones_and_recovery_codes_of_a_database_of_before_go_on_working(tmp_path):
    site = Site(tmp_path, **KEYS)
    (tmp_path / "var").mkdir(mode=0o700)
    file = tmp_path / "var" / "db.sqlite3"
    with sqlite3.connect(file) as database:
        database.executescript(BEFORE.read_text())
    database.close()
    site.prepare()
    assert site.python(SECRETS) == CODES
    said = [line for line in site.python(SIGN_IN).splitlines() if not line.startswith("{")]
    assert said == ["200", "200", "302", "/admin/account/two_factor/setup/"]
    with sqlite3.connect(file) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    database.close()
    assert not [name for name in tables if name.startswith(("otp_", "axes_", "two_factor_"))]
    for stored in (file, file.with_name("db.sqlite3-wal")):
        assert not stored.exists() or b"a2b3c4d5" not in stored.read_bytes()


def test_phones_and_recovery_codes_are_brought_over_on_postgresql(tmp_path):
    with throw_away_database() as url:
        site = Site(tmp_path, DATABASE_URL=url, **KEYS)
        for app in ("auth", "contenttypes", "mfa"):
            site.manage("migrate", app)
        site.manage("migrate", "clinic", "0001")
        with psycopg.connect(url) as database:
            database.execute(OLD_TABLES)
        site.manage("migrate")
        assert site.python(SECRETS) == CODES
        with psycopg.connect(url) as database:
            left = database.execute("SELECT tablename FROM pg_tables WHERE tablename ~ '^(otp|axes)_'").fetchall()
        assert left == []
