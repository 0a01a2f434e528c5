"""Members of staff for tests: an account with a role and a phone, and a client that has signed in."""

import time
from base64 import b32encode
from io import StringIO
from unittest import mock

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client, RequestFactory

SIGN_IN, CODE = "/admin/account/login/", "/admin/account/login/code/"
SETUP = "/admin/account/two_factor/setup/"
PASSWORD = "quattro parole a caso"
SECRET = b32encode(b"0123456789abcdefghij").decode()


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
    """Sign in to a real site in a browser; an account without a phone ends at set-up."""
    page.goto(f"{site.url}/admin/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector("[name=code]")
    if page.url == site.url + CODE:
        page.fill("[name=code]", phone_code())
        page.press("[name=code]", "Enter")
        page.wait_for_url(f"{site.url}/admin/")
    page.wait_for_load_state()


def phone_code(secret=SECRET) -> str:
    """Return what the phone shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def give_password(client, name="anna", password=PASSWORD, to=SIGN_IN, **extra):
    return client.post(to, {"login": name, "password": password}, **extra)


def give_code(client, code):
    return client.post(CODE, {"code": code})


def signed_in(user, *, method="mfa") -> Client:
    """Return a client in which `user` has passed both factors (or only the password: method="password")."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, user, method)
    request.session.save()
    return client
