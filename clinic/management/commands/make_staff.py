import base64
import binascii
import getpass
import sys

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from clinic.database import errors
from clinic.database.errors import DATABASE_ERRORS
from clinic.http import health
from clinic.staff.roles import ROLES, synchronise


class Command(BaseCommand):
    help = "Make a staff account with a role, or give an existing one a new password and role and activate it."

    def add_arguments(self, parser):
        parser.add_argument("name", help="the name to sign in with")
        parser.add_argument("--role", required=True, choices=sorted(ROLES))
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
        parser.add_argument(
            "--totp-secret", metavar="BASE32", help="second factor; without it the first sign-in sets it up"
        )

    def handle(self, *, name, role, password_stdin, totp_secret, **options):
        require_database()
        password = sys.stdin.readline().rstrip("\n") if password_stdin else getpass.getpass("Password: ")
        user = get_user_model().objects.filter(username=name).first() or get_user_model()(username=name)
        try:
            validate_password(password, user)
            user.clean_fields(exclude=["password"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        key = hex_key(totp_secret) if totp_secret else None
        with transaction.atomic():
            was_inactive, user.is_active, user.is_staff = not user.is_active, True, True
            user.set_password(password)
            user.save()
            synchronise()
            user.groups.set([Group.objects.get(name=role)])
            if key:
                TOTPDevice.objects.filter(user=user).delete()
                TOTPDevice.objects.create(user=user, name="default", key=key, confirmed=True)
        activated = "The account was inactive and is active again. " if was_inactive else ""
        self.stdout.write(f"{activated}{name} may sign in as {role}.")


def require_database() -> None:
    """Raise CommandError before the password is asked for when the account could not be stored."""
    try:
        missing = health.missing_migrations()
    except DATABASE_ERRORS as error:
        raise CommandError(errors.message(error)) from error
    if missing:
        raise CommandError(f"The database lacks {missing} migrations. Run: clinic prepare")


def hex_key(secret: str) -> str:
    """Return a base32 TOTP secret as the hexadecimal text that the device keeps."""
    padded = secret.replace(" ", "").upper()
    padded += "=" * (-len(padded) % 8)
    try:
        key = base64.b32decode(padded)
    except binascii.Error as error:
        raise CommandError("--totp-secret must be base32: letters A-Z and digits 2-7.") from error
    if len(key) < 10:
        raise CommandError("--totp-secret is too short: at least 16 base32 characters.")
    return key.hex()
