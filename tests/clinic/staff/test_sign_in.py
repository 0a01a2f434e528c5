import shlex
from datetime import UTC, datetime, timedelta
from io import StringIO
from unittest import mock

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from clinic.http.client_address import source_address
from clinic.models import SharedCache, SignInEntry
from tests.operations import steps
from tests.staff import CODE, PASSWORD, SETUP, SIGN_IN, give_code, give_password, make_staff, phone_code, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
NEW_PASSWORD = f"nuova {PASSWORD}"


def test_a_stranger_is_redirected_to_the_sign_in_page_and_back_to_where_they_wanted(client):
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == f"{SIGN_IN}?next=/admin/"
    make_staff()
    assert give_password(client, to=f"{SIGN_IN}?next=/admin/contacts/lead/")["Location"] == CODE
    assert give_code(client, phone_code())["Location"] == "/admin/contacts/lead/"
    assert client.get("/admin/contacts/lead/").status_code == 200


def test_sign_in_never_leads_to_another_site(client):
    make_staff()
    give_password(client, to=f"{SIGN_IN}?next=https://elsewhere.example/")
    assert give_code(client, phone_code())["Location"] == "/admin/"


def test_the_password_alone_opens_nothing(client):
    make_staff()
    assert give_password(client)["Location"] == CODE
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/account/two_factor/").status_code == 302


def test_the_code_is_asked_only_after_the_password(client):
    make_staff()
    for response in (client.get(CODE), give_code(client, phone_code())):
        assert response["Location"] == SIGN_IN
    assert client.get("/admin/").status_code == 302


def test_a_nul_byte_in_the_session_cookie_is_a_bad_request(client):
    client.cookies["session"] = "\0aaaaaaaaaaaa"
    assert client.get("/admin/").status_code == 400


def test_a_wrong_code_opens_nothing_and_a_used_code_does_not_work_again(client):
    make_staff()
    give_password(client)
    assert give_code(client, "000000").status_code == 200
    assert client.get("/admin/").status_code == 302

    code = phone_code()
    assert give_code(client, code).status_code == 302
    client.post(reverse("admin:logout"))
    give_password(client)
    assert give_code(client, code).status_code == 200


def test_five_wrong_codes_are_a_pause_for_the_account_from_anywhere(client):
    make_staff()
    give_password(client)
    for _ in range(5):
        assert "Il codice non è giusto" in give_code(client, "000000").content.decode()
    assert "Troppi codici sbagliati" in give_code(client, phone_code()).content.decode()
    other = Client(REMOTE_ADDR="192.0.2.7")
    give_password(other)
    assert give_code(other, phone_code()).status_code == 200
    assert client.get("/admin/").status_code == 302
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        give_password(other)
        assert give_code(other, phone_code()).status_code == 302


def operate(line, password):
    """Run what an operator types; return what is said."""
    said = StringIO()
    typed = ["--password-stdin"] if "make_staff" in line else []
    with mock.patch("sys.stdin", StringIO(f"{password}\n")):
        call_command(*shlex.split(line, comments=True)[1:], *typed, stdout=said)
    return said.getvalue()


def test_an_account_made_anew_is_on_again_can_sign_in_and_both_are_said(client):
    make_staff()
    User.objects.update(is_active=False)
    said = operate("clinic make_staff anna --role owner", NEW_PASSWORD)
    assert said == "The account was inactive and is active again. anna may sign in as owner.\n"
    give_password(client, password=NEW_PASSWORD)
    give_code(client, phone_code())
    assert client.get("/admin/").status_code == 200


def test_after_the_steps_against_a_theft_nothing_in_the_stolen_database_opens_the_desk(client):
    desk = signed_in(make_staff())
    for line in steps("**After a theft**").replace("NAME", "anna").replace("ROLE", "reception").splitlines():
        operate(line, NEW_PASSWORD)
    assert not Session.objects.exists()
    assert desk.get("/admin/").status_code == 302
    assert give_password(client).status_code == 200
    assert give_password(client, password=NEW_PASSWORD)["Location"] == "/admin/"
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == SETUP
    assert not Authenticator.objects.exists()


def test_five_wrong_passwords_close_one_account_from_one_source_for_a_quarter_of_an_hour(client):
    make_staff()
    make_staff("bruno")
    for _ in range(4):
        assert give_password(client, password="wrong").status_code == 200
    assert give_password(client, password="wrong").status_code == 429
    response = give_password(client)
    assert response.status_code == 429
    assert "429.html" in [template.name for template in response.templates]
    assert give_password(client, "bruno")["Location"] == CODE
    assert give_password(client, REMOTE_ADDR="192.0.2.7")["Location"] == CODE
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        assert give_password(client)["Location"] == CODE


def test_an_unknown_name_and_an_inactive_account_are_refused_like_a_wrong_password(client):
    make_staff()
    make_staff("olga")
    User.objects.filter(username="olga").update(is_active=False)
    said = "Il nome e la password non corrispondono."
    for name, password in (("anna", "wrong"), ("nobody", "wrong"), ("olga", PASSWORD)):
        assert said in give_password(client, name, password).content.decode()
        assert "_auth_user_id" not in client.session


def test_a_failed_sign_in_keeps_nothing_that_was_typed_or_stood_in_the_address(client, capfd):
    make_staff()
    give_password(client, "anna", "a-secret-typed-here")
    give_password(client, "a-secret-typed-here", "anna")
    for _ in range(2):
        fields = {"login": "bruno", "a-secret-field": "a-secret", "password": "wrong"}
        client.post(f"{SIGN_IN}?next=/admin/a-secret/", fields)
    give_password(client)
    give_code(client, "012345")
    give_code(client, phone_code())
    kept = str([*SharedCache.objects.values(), *SignInEntry.objects.values()])
    for word in ("a-secret", "anna", "127.0.0.1", "012345", phone_code()):
        assert word not in kept
    assert "a-secret" not in str(capfd.readouterr())


@pytest.mark.parametrize(("minutes", "is_open"), [(29, True), (31, False)])
def test_half_an_hour_without_a_click_ends_the_session(minutes, is_open):
    client = signed_in(make_staff())
    now = datetime.now(UTC)
    client.get("/admin/")
    with time_machine.travel(now + timedelta(minutes=minutes)):
        assert (client.get("/admin/").status_code == 200) is is_open


def test_twelve_hours_end_a_session_that_was_never_idle():
    client = signed_in(make_staff())
    now = datetime.now(UTC)
    for minutes in range(0, 12 * 60, 20):
        with time_machine.travel(now + timedelta(minutes=minutes)):
            assert client.get("/admin/").status_code == 200
    with time_machine.travel(now + timedelta(hours=12, minutes=1)):
        assert client.get("/admin/").status_code == 302
        assert not Session.objects.exists()


def test_signing_in_changes_the_session_id_and_signing_out_leaves_nothing(client):
    make_staff()
    give_password(client)
    before = client.cookies["session"].value
    give_code(client, phone_code())
    signed_in_as = client.cookies["session"].value
    assert signed_in_as != before
    refused = client.get(reverse("admin:logout"))
    assert refused.status_code == 405
    assert "Clear-Site-Data" not in refused
    response = client.post(reverse("admin:logout"))
    assert response["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    client.cookies["session"] = signed_in_as
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("proxies", "seen", "forwarded", "source"),
    [
        (0, "192.0.2.1", "203.0.113.9", "192.0.2.1"),
        (1, "127.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        (2, "127.0.0.1", "203.0.113.9, 192.0.2.1, 10.0.0.1", "192.0.2.1"),
        (2, "127.0.0.1", "192.0.2.1", "127.0.0.1"),
        (1, "127.0.0.1", "nonsense", "0.0.0.0"),
        (0, "", "", "0.0.0.0"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::"),
        (0, "::ffff:192.0.2.1", "", "192.0.2.1"),
        (1, "127.0.0.1", "203.0.113.9:1, 192.0.2.1:50001", "192.0.2.1"),
        (1, "127.0.0.1", "[2001:db8:1:2:3:4:5:6]:50001", "2001:db8:1:2::"),
        (1, "127.0.0.1", '"[2001:db8:1:2::6]"', "2001:db8:1:2::"),
        (1, "127.0.0.1", "[::ffff:192.0.2.1]:443", "192.0.2.1"),
        (1, "127.0.0.1", "fe80::1%eth0", "fe80::"),
        (1, "127.0.0.1", "192.0.2.1:port", "0.0.0.0"),
    ],
)
def test_a_source_is_what_our_own_proxies_saw(rf, settings, proxies, seen, forwarded, source):
    settings.TRUSTED_PROXIES = proxies
    assert source_address(rf.get("/", REMOTE_ADDR=seen, headers={"X-Forwarded-For": forwarded})) == source
