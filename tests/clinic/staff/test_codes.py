"""Codes as people type them, and as password managers send them."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from clinic.encryption.fields import encrypt
from tests.staff import CODE, PASSWORD, SIGN_IN, give_code, give_password, make_staff, phone_code

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.mark.parametrize(("language", "said"), [("it", "Il codice non è giusto"), ("en", "This code is not right")])
def test_a_wrong_code_is_refused_in_the_readers_language(language, said):
    client = Client(headers={"Accept-Language": language})
    make_staff()
    give_password(client)
    assert said in give_code(client, "000000").content.decode()


def full_width(code):
    return "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in code)


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: f"{code[:3]} {code[3:]}",
        lambda code: f" {code}\r\n",
        lambda code: f"{code[:3]}\n{code[3:]}",
        lambda code: f"{code[:3]}-{code[3:]}",
        lambda code: f"{code[:3]}.{code[3:]}\t",
        lambda code: f"\u200b{code[:3]}\u202f{code[3:]}",
        lambda code: " ".join(code),
        full_width,
    ],
)
def test_a_code_is_taken_as_people_type_paste_and_dictate_it(client, typed):
    make_staff()
    give_password(client)
    assert give_code(client, typed(phone_code())).status_code == 302


@pytest.mark.parametrize("typed", ["Q5m3olm4", " q5m3 OLM4\r\n", "Q5M3-OLM4"])
def test_a_recovery_code_of_an_earlier_release_is_taken_as_people_type_it_and_once(client, typed):
    user = make_staff()
    keep_old_codes(user, "q5m3olm4", "a2b3c4d5")
    give_password(client)
    assert give_code(client, typed).status_code == 302
    client.post(reverse("admin:logout"))
    give_password(client)
    assert give_code(client, typed).status_code == 200


def keep_old_codes(user, *codes):
    data = {"migrated_codes": [encrypt(code) for code in codes], "used_mask": 0}
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data=data)


def test_the_fields_say_to_browsers_and_password_managers_what_they_hold(client):
    make_staff()
    assert 'autocomplete="username"' in client.get(SIGN_IN).content.decode()
    give_password(client)
    field = re.search(r'<input[^>]*name="code"[^>]*>', client.get(CODE).content.decode())[0]
    assert 'autocomplete="one-time-code"' in field
    assert 'autocapitalize="none"' in field
    assert "maxlength" not in field


def test_a_code_that_a_password_manager_sends_twice_ends_signed_in():
    """The second may carry the cookies of before the first answer, or those of after it with the older token."""
    make_staff()
    client = Client(enforce_csrf_checks=True)
    for path, fields in ((SIGN_IN, {"login": "anna", "password": PASSWORD}), (CODE, {"code": phone_code()})):
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(path).content.decode())[1]
        fields["csrfmiddlewaretoken"] = token
        before = {name: cookie.value for name, cookie in client.cookies.items()}
        assert client.post(path, fields).status_code == 302
    assert client.post(CODE, fields)["Location"] == "/admin/"
    after = client.cookies["session"].value
    client.cookies.load(before)
    assert client.post(CODE, fields)["Location"] == "/admin/"
    assert client.cookies["session"].value == after
    assert client.get("/admin/").status_code == 200
    assert Session.objects.count() == 1
