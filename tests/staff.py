"""Members of staff for tests: an account with a role and a phone, and a client that has signed in."""

from base64 import b32encode
from io import StringIO
from unittest import mock

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

PASSWORD = "quattro parole a caso"
KEY = b"0123456789abcdefghij"
SECRET = b32encode(KEY).decode()


def make_staff(name="anna", role="reception", *, with_phone=True):
    """Make the account as an operator does."""
    phone = ["--totp-secret", SECRET] if with_phone else []
    with mock.patch("sys.stdin", StringIO(PASSWORD + "\n")):
        call_command("make_staff", name, "--role", role, "--password-stdin", *phone, stdout=StringIO())
    return get_user_model().objects.get(username=name)


def phone_code() -> str:
    """Return what the phone shows now."""
    return f"{totp(KEY):06d}"


def signed_in(user) -> Client:
    """Return a client in which `user` has passed both factors."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=user).persistent_id
    session.save()
    return client
