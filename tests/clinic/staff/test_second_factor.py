"""A member of staff sets up, replaces and removes the own second factor."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clinic.encryption.fields import decrypt, encrypt
from tests.staff import SECRET, SETUP, SIGN_IN, give_code, give_password, make_staff, phone_code, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ACCOUNT = "/admin/account/two_factor/"
CODES, DISABLE = f"{ACCOUNT}backup/tokens/", f"{ACCOUNT}disable/"


def with_password_only():
    client = Client()
    give_password(client)
    return client


def connect_phone(client):
    """Connect a phone of one's own; by a posted form alone, in case the page itself redirects."""
    client.get(SETUP)
    secret = client.session.get(SECRET_SESSION_KEY, SECRET)
    return client.post(SETUP, {"code": phone_code(secret)})


def test_a_wrong_code_at_set_up_is_refused_in_the_same_words(client):
    make_staff(with_phone=False)
    give_password(client)
    assert "Il codice non è giusto" in client.post(SETUP, {"code": "000000"}).content.decode()


def test_staff_without_a_phone_are_led_to_its_set_up_not_into_a_loop(client):
    make_staff(with_phone=False)
    assert give_password(client)["Location"] == "/admin/"
    assert client.get("/admin/contacts/lead/", follow=True).redirect_chain[-1][0] == SETUP


def test_set_up_ends_with_ten_recovery_codes_shown_once_each_of_which_opens_the_desk_once(client):
    user = make_staff(with_phone=False)
    give_password(client)
    assert connect_phone(client)["Location"] == CODES
    assert client.get("/admin/").status_code == 200
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10
    once, again = (client.get(CODES).content.decode() for _ in range(2))
    assert all(code in once and code not in again for code in codes)

    for status in (302, 200):
        client.post(reverse("admin:logout"))
        give_password(client)
        assert give_code(client, codes[0]).status_code == status


def test_a_form_of_set_up_that_is_sent_twice_still_ends_at_the_recovery_codes(client):
    make_staff(with_phone=False)
    give_password(client)
    client.get(SETUP)
    form = {"code": phone_code(client.session[SECRET_SESSION_KEY])}
    assert [client.post(SETUP, form)["Location"] for _ in range(2)] == [CODES, CODES]
    assert client.get(CODES).context["can_view_codes"]


def test_a_phone_can_be_connected_beside_a_passkey():
    user = make_staff(with_phone=False)
    for type in ("webauthn", "recovery_codes"):
        Authenticator.objects.create(user=user, type=type, data={"seed": encrypt("seed"), "used_mask": 0})
    assert connect_phone(signed_in(user))["Location"] == ACCOUNT
    assert Authenticator.objects.filter(type="totp").exists()


def test_the_code_that_connects_a_phone_opens_no_second_session(client):
    make_staff(with_phone=False)
    with time_machine.travel(datetime.now(UTC), tick=False):
        give_password(client)
        connect_phone(client)
        secret = decrypt(Authenticator.objects.get(type="totp").data["secret"])
        other = with_password_only()
        assert give_code(other, phone_code(secret)).status_code == 200


def test_new_recovery_codes_replace_the_old_ones(client):
    user = make_staff()
    desk = signed_in(user)
    assert desk.post(f"{CODES}new/")["Location"] == CODES
    first = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    desk.post(f"{CODES}new/")
    second = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert not set(first) & set(second)
    assert second[0] in desk.get(CODES).content.decode()


def test_secrets_are_kept_encrypted(client):
    make_staff(with_phone=False)
    give_password(client)
    client.get(SETUP)
    secret = client.session[SECRET_SESSION_KEY]
    client.post(SETUP, {"code": phone_code(secret)})
    kept = {factor.type: factor.data for factor in Authenticator.objects.all()}
    assert decrypt(kept["totp"]["secret"]) == secret
    assert len(decrypt(kept["recovery_codes"]["seed"])) == 80
    assert SECRET_SESSION_KEY not in client.session


def test_a_session_from_before_a_phone_was_connected_does_not_connect_another():
    user = make_staff(with_phone=False)
    stranger = with_password_only()
    phone = make_phone(user)
    assert connect_phone(stranger)["Location"].startswith(SIGN_IN)
    assert Authenticator.objects.get(type="totp") == phone
    assert SESSION_KEY not in stranger.session


@pytest.mark.parametrize("page", ["", "disable/", "backup/tokens/", "backup/tokens/new/", "passkeys/add/"])
def test_nobody_manages_a_second_factor_without_having_passed_it(page):
    user = make_staff(with_phone=False)
    strangers = with_password_only(), with_password_only()
    make_phone(user)
    assert strangers[0].get(ACCOUNT + page)["Location"].startswith(SIGN_IN)
    assert strangers[1].post(ACCOUNT + page)["Location"].startswith(SIGN_IN)
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def make_phone(user):
    make_staff(user.username, with_phone=True)
    user.refresh_from_db()
    return Authenticator.objects.get(user=user, type="totp")


def test_connecting_and_disconnecting_ones_own_phone_signs_out_every_other_browser_and_nobody_else():
    make_staff(with_phone=False)
    own, other, bruno = with_password_only(), with_password_only(), signed_in(make_staff("bruno"))
    connect_phone(own)
    assert SESSION_KEY not in other.session
    assert own.get("/admin/").status_code == 200

    other, pending = signed_in(User.objects.get(username="anna")), with_password_only()
    own.post(DISABLE)
    assert SESSION_KEY not in other.session
    assert not pending.session.items()
    assert own.get("/admin/", follow=True).redirect_chain[-1][0] == SETUP
    assert bruno.get("/admin/").status_code == 200


def test_the_password_is_asked_again_before_a_change_some_time_after_sign_in():
    desk = signed_in(make_staff())
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
        response = desk.post(DISABLE)
        assert response["Location"].startswith("/admin/account/login/again/")
        assert desk.post(response["Location"], {"password": "wrong"}).status_code == 200
        assert Authenticator.objects.filter(type="totp").exists()
        assert desk.post(response["Location"], {"password": "quattro parole a caso"}).status_code == 302
        assert not Authenticator.objects.filter(type="totp").exists()


def test_changing_ones_password_signs_out_every_other_browser():
    anna = make_staff()
    own, other, pending = signed_in(anna), signed_in(anna), with_password_only()
    new = {"new_password1": "nuova quattro parole", "new_password2": "nuova quattro parole"}
    own.post(reverse("admin:password_change"), {"old_password": "quattro parole a caso"} | new)
    assert own.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302
    assert not pending.session.items()
