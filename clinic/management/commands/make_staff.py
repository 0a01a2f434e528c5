import base64
import binascii
import getpass
import sys

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic.database import errors
from clinic.database.errors import DATABASE_ERRORS
from clinic.http import health
from clinic.staff import second_factor
from clinic.staff.record import Event, record
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
        parser.add_argument(
            "--reset-second-factor", action="store_true", help="phone, passkeys and recovery codes stop working"
        )

    def handle(self, *, name, role, password_stdin, totp_secret, reset_second_factor, **options):
        require_database()
        password = sys.stdin.readline().rstrip("\n") if password_stdin else getpass.getpass("Password: ")
        user = get_user_model().objects.filter(username=name).first() or get_user_model()(username=name)
        try:
            validate_password(password, user)
            user.clean_fields(exclude=["password"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        secret = padded_base32(totp_secret) if totp_secret else None
        is_new, was_inactive = user.pk is None, not user.is_active
        with transaction.atomic():
            user.is_active = user.is_staff = True
            user.set_password(password)
            user.save()
            synchronise()
            user.groups.set([Group.objects.get(name=role)])
            record(Event.MADE if is_new else Event.PASSWORD_CHANGED, user)
            if was_inactive:
                record(Event.ACTIVATED, user)
            if reset_second_factor:
                second_factor.reset(user)
                record(Event.FACTOR_RESET, user)
            if secret:
                Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
                TOTP.activate(user, secret)
                record(Event.FACTOR_ADDED, user)
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


def padded_base32(secret: str) -> str:
    """Return a base32 TOTP secret, typed with or without spaces and padding, as allauth keeps it."""
    padded = secret.replace(" ", "").upper()
    padded += "=" * (-len(padded) % 8)
    try:
        key = base64.b32decode(padded)
    except binascii.Error as error:
        raise CommandError("--totp-secret must be base32: letters A-Z and digits 2-7.") from error
    if len(key) < 10:
        raise CommandError("--totp-secret is too short: at least 16 base32 characters.")
    return padded
