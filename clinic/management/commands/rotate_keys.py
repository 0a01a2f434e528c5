from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from clinic.encryption import fingerprints
from clinic.encryption.fields import EncryptedTextField, WrongKey, decrypt, encrypt
from clinic.staff import second_factor
from contacts.privacy import erasure

BATCH = 500


class Command(BaseCommand):
    help = (
        "Encrypt every personal field again with the newest key. Before: put a new key first in FIELD_KEYS and restart "
        "the site. After: remove the older keys. If it is interrupted, run it again: it goes on where it stopped."
    )
    # It checks the keys itself, as SECRET_KEY may have been changed on purpose.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--new-secret-key",
            action="store_true",
            help="SECRET_KEY was changed on purpose: staff sign in again, links in mails already sent stop working",
        )

    def handle(self, *, new_secret_key, **options):
        if new_secret_key:
            fingerprints.keep_newest("SECRET_KEY")
        there = fingerprints.needed()
        if names := fingerprints.missing(there):
            raise CommandError(fingerprints.refusal(names))
        if ("FIELD_KEYS", fingerprints.newest()["FIELD_KEYS"]) not in there:
            if new_secret_key:
                self.stdout.write(
                    "The new secret key is accepted. There is a new field key too: restart web and worker, then run "
                    "rotate_keys again."
                )
                return
            raise CommandError("The newest key is not in use yet: restart web and worker first.")
        rewritten = 0
        try:
            # Repeat after a round that found something: staff may have saved meanwhile.
            while found := second_factor.encrypt_with_newest_key() + sum(
                self.rotate(model, fields) for model, fields in models_with_personal_fields()
            ):
                rewritten += found
        except WrongKey as error:
            raise CommandError(str(error)) from error
        fingerprints.keep_newest("FIELD_KEYS")
        if not erasure.empty_wal():
            raise CommandError(
                f"{rewritten} values rewritten, but SQLite's log still holds the text that older keys decrypt: "
                "it is in use (a backup?). Run this again in a minute, before you remove the older keys."
            )
        self.stdout.write(f"{rewritten} values rewritten; all personal fields now have the newest key.")

    def rotate(self, model, fields) -> int:
        rewritten = 0
        for rows in batches(model, fields):
            changes = [(pk, *change) for pk, *values in rows for change in stale(fields, values)]
            rewritten += write(model, changes)
        self.stdout.write(f"{model._meta.label}: {rewritten} values")
        return rewritten


def models_with_personal_fields():
    for model in apps.get_models():
        if fields := [field for field in model._meta.local_fields if isinstance(field, EncryptedTextField)]:
            yield model, fields


def batches(model, fields):
    """Yield lists of (primary key, ciphertext of each field), as they are stored."""
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    names = ", ".join(quote(field.column) for field in [model._meta.pk, *fields])
    rows, after, last = None, "", []
    while rows is None or len(rows) == BATCH:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {names} FROM {table} {after} ORDER BY {key} LIMIT {BATCH}", last)  # noqa: S608
            rows = cursor.fetchall()
        if rows:
            yield rows
            after, last = f"WHERE {key} > %s", [rows[-1][0]]


def stale(fields, values):
    """Yield (column, ciphertext, new ciphertext) for each value that the newest key does not decrypt."""
    newest = Fernet(settings.FIELD_KEYS[0])
    for field, value in zip(fields, values, strict=True):
        if value is None:
            continue
        try:
            newest.decrypt(value.encode())
        except InvalidToken:
            yield field.column, value, encrypt(decrypt(value))


def write(model, changes) -> int:
    """Replace the old ciphertexts by the new ones, except where somebody changed them meanwhile."""
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    written = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for pk, column, old, new in changes:
            column = quote(column)
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s", [new, pk, old])  # noqa: S608
            written += cursor.rowcount
    return written
