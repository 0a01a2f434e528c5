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


def arguments(name, role, *, with_phone):
    phone = ["--totp-secret", SECRET] if with_phone else []
    return ["make_staff", name, "--role", role, "--password-stdin", *phone]


def make_staff(name="anna", role="reception", *, with_phone=True):
    """Make the account as an operator does."""
    with mock.patch("sys.stdin", StringIO(PASSWORD + "\n")):
        call_command(*arguments(name, role, with_phone=with_phone), stdout=StringIO())
    return get_user_model().objects.get(username=name)


def add_staff(site, name, role, *, with_phone=True):
    """Make the account on a real site."""
    site.manage(*arguments(name, role, with_phone=with_phone), input=PASSWORD + "\n")


def sign_in(page, site, name):
    """Sign in to a real site in a browser; who has no phone yet is led to set-up."""
    page.goto(f"{site.url}/admin/")
    page.fill("[name=auth-username]", name)
    page.fill("[name=auth-password]", PASSWORD)
    page.press("[name=auth-password]", "Enter")
    page.wait_for_selector("[name=token-otp_token], [name=generator-token]")
    if page.locator("[name=token-otp_token]").count():
        page.fill("[name=token-otp_token]", phone_code())
        page.press("[name=token-otp_token]", "Enter")
        page.wait_for_url(f"{site.url}/admin/")
    page.wait_for_load_state()


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
