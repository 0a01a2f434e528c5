import shlex
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from io import StringIO
from unittest import mock
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from clinic.http.client_address import source_address
from clinic.staff.passwords import DressedUpPasswordValidator
from tests.operations import steps
from tests.postgres import throw_away_database
from tests.site import Site
from tests.staff import PASSWORD, add_staff, make_staff, phone_code, signed_in

pytestmark = pytest.mark.django_db
AT_ONCE = 4
SIGN_IN = "/admin/account/login/"
SETUP = "/admin/account/two_factor/setup/"
NEW_PASSWORD = f"nuova {PASSWORD}"


def give_password(client, name="anna", password=PASSWORD, to=SIGN_IN, **extra):
    client.get(to)
    fields = {"login_view-current_step": "auth", "auth-username": name, "auth-password": password}
    return client.post(to, fields, **extra)


def give_code(client, code, step="token", to=SIGN_IN):
    return client.post(to, {"login_view-current_step": step, f"{step}-otp_token": code})


def test_a_stranger_is_led_to_the_sign_in_page_and_back_to_where_they_wanted(client):
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == f"{SIGN_IN}?next=/admin/"
    make_staff()
    to = f"{SIGN_IN}?next=/admin/contacts/lead/"
    give_password(client, to=to)
    assert give_code(client, phone_code(), to=to)["Location"] == "/admin/contacts/lead/"
    assert client.get("/admin/contacts/lead/").status_code == 200


def test_sign_in_never_leads_to_another_site(client):
    make_staff()
    to = f"{SIGN_IN}?next=https://elsewhere.example/"
    give_password(client, to=to)
    assert give_code(client, phone_code(), to=to)["Location"] == "/admin/"


def test_the_password_alone_opens_nothing(client):
    make_staff()
    assert give_password(client).status_code == 200
    assert client.get("/admin/").status_code == 302


def test_who_asks_for_the_code_before_the_password_is_asked_for_the_password(client):
    assert "auth-password" in client.post(SIGN_IN, {"challenge_device": "x"}).content.decode()


def test_a_nul_byte_in_the_session_cookie_is_a_bad_request(client):
    client.cookies["session"] = "\0aaaaaaaaaaaa"
    assert client.get("/admin/").status_code == 400


def test_a_wrong_code_opens_nothing_and_a_used_code_does_not_work_again(client):
    make_staff()
    give_password(client)
    assert give_code(client, "000000").status_code == 200
    assert client.get("/admin/").status_code == 302

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5)):
        code = phone_code()
        give_password(client)
        assert give_code(client, code).status_code == 302
        client.post(reverse("admin:logout"))
        give_password(client)
        assert give_code(client, code).status_code == 200


@pytest.mark.parametrize(("language", "said"), [("it", "Il codice non è giusto"), ("en", "This code is not right")])
@pytest.mark.parametrize("step", ["token", "backup"])
def test_a_wrong_code_is_told_in_the_readers_language_and_without_tokens(step, language, said):
    client = Client(headers={"Accept-Language": language})
    make_staff()
    give_password(client)
    if step == "backup":
        client.post(SIGN_IN, {"wizard_goto_step": "backup"})
    html = give_code(client, "000000", step).content.decode()
    assert said in html
    assert "nvalid token" not in html


def test_a_code_that_is_typed_again_and_again_has_to_wait(client):
    make_staff()
    give_password(client)
    with time_machine.travel(datetime.now(UTC), tick=False):
        for said in ("Il codice non è giusto", "Troppi tentativi: riprovi tra poco."):
            assert said in give_code(client, "000000").content.decode()


class Window:
    """A browser on a real site, as far as signing in goes."""

    def __init__(self, site):
        self.address, self.cookies = f"{site.url}{SIGN_IN}", CookieJar()
        self.browser = build_opener(HTTPCookieProcessor(self.cookies))
        self.browser.open(self.address)

    def give(self, step, **fields):
        """Fill in the form of `step`; return where that led, and the page."""
        form = {"login_view-current_step": step} | {f"{step}-{name}": value for name, value in fields.items()}
        form["csrfmiddlewaretoken"] = next(cookie.value for cookie in self.cookies if cookie.name == "csrf")
        with self.browser.open(self.address, urlencode(form).encode()) as answer:
            return answer.url.removeprefix(self.address.removesuffix(SIGN_IN)), answer.read().decode()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def either_site(request, tmp_path_factory):
    with (
        throw_away_database() if request.param == "postgresql" else nullcontext() as url,
        Site(tmp_path_factory.mktemp(request.param), **({"DATABASE_URL": url} if url else {})) as site,
    ):
        yield site


def give_codes_at_once(site, name, codes):
    """Type each of `codes` in a browser of its own, all at the same moment."""
    add_staff(site, name, "reception")
    windows = [Window(site) for _ in codes]
    for window in windows:
        assert "token-otp_token" in window.give("auth", username=name, password=PASSWORD)[1]
    with ThreadPoolExecutor(len(codes)) as pool:
        return list(pool.map(lambda window, code: window.give("token", otp_token=code), windows, codes))


def test_one_code_typed_in_many_browsers_at_once_opens_the_desk_in_one(either_site):
    answers = give_codes_at_once(either_site, "anna", [phone_code()] * AT_ONCE)
    assert [address for address, _ in answers].count("/admin/") == 1


def test_every_wrong_code_that_was_tried_counts_however_many_come_at_once(either_site):
    answers = give_codes_at_once(either_site, "bruno", ["000000"] * AT_ONCE)
    tried = sum("Il codice non è giusto" in page for _, page in answers)
    assert sum("Troppi tentativi" in page for _, page in answers) == AT_ONCE - tried
    counted = "from django_otp.plugins.otp_totp.models import TOTPDevice as D; print({})".format(
        "D.objects.get(user__username='bruno').throttling_failure_count"
    )
    assert int(either_site.python(counted)) == tried


def test_a_wrong_code_at_set_up_is_told_in_the_same_words(client):
    make_staff(with_phone=False)
    give_password(client)
    client.get(SETUP)
    assert "Il codice non è giusto" in give_set_up_code(client, "000000").content.decode()


def test_staff_without_a_phone_are_led_to_its_set_up_not_into_a_loop(client):
    make_staff(with_phone=False)
    assert give_password(client)["Location"] == "/admin/"
    assert client.get("/admin/contacts/lead/", follow=True).redirect_chain[-1][0] == SETUP


def test_set_up_ends_with_backup_codes_each_of_which_opens_the_desk_once(client):
    user = make_staff(with_phone=False)
    give_password(client)
    response = connect_phone(client)
    assert response["Location"] == "/admin/account/two_factor/backup/tokens/"
    assert client.get("/admin/").status_code == 200
    client.post(response["Location"])
    codes = [token.token for token in user.staticdevice_set.get().token_set.all()]
    assert len(codes) == 10
    page = client.get(response["Location"]).content.decode()
    assert all(code in page for code in codes)

    client.post(reverse("admin:logout"))
    for status in (302, 200):
        give_password(client)
        client.post(SIGN_IN, {"wizard_goto_step": "backup"})
        assert give_code(client, codes[0], step="backup").status_code == status


def connect_phone(client):
    """Connect a phone of one's own; by posted forms alone, as whoever is led away from the page would try it."""
    response = give_set_up_code(client, "000000")
    if response.status_code != 200:
        return response
    key = bytes.fromhex(client.session["wizard_setup_view"]["extra_data"]["keys"]["generator"])
    return give_set_up_code(client, f"{totp(key):06d}")


def give_set_up_code(client, code):
    return client.post(SETUP, {"setup_view-current_step": "generator", "generator-token": code})


def with_password_only():
    client = Client()
    give_password(client)
    return client


def test_a_session_from_before_a_phone_was_connected_does_not_connect_another():
    user = make_staff(with_phone=False)
    stranger = with_password_only()
    phone = TOTPDevice.objects.create(user=user, name="default")
    assert connect_phone(stranger).status_code == 302
    assert TOTPDevice.objects.get() == phone
    assert stranger.get("/admin/").status_code == 302


def test_connecting_and_disconnecting_ones_own_phone_signs_out_every_other_browser_and_nobody_else():
    make_staff(with_phone=False)
    own, other, bruno = with_password_only(), with_password_only(), signed_in(make_staff("bruno"))
    connect_phone(own)
    assert SESSION_KEY not in other.session
    assert own.get("/admin/").status_code == 200

    other = signed_in(User.objects.get(username="anna"))
    own.post("/admin/account/two_factor/disable/", {"understand": "on"})
    assert SESSION_KEY not in other.session
    assert own.get(SETUP).status_code == 200
    assert bruno.get("/admin/").status_code == 200


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
    assert said == "The account was switched off and is on again. anna may sign in as owner.\n"
    give_password(client, password=NEW_PASSWORD)
    give_code(client, phone_code())
    assert client.get("/admin/").status_code == 200


def test_after_the_steps_against_a_theft_nothing_in_the_stolen_database_opens_the_desk(client):
    desk = signed_in(make_staff())
    codes = StaticDevice.objects.create(user=User.objects.get()).token_set
    codes.create(token="backup-code")
    for line in steps("**After a theft**").replace("NAME", "anna").replace("ROLE", "reception").splitlines():
        operate(line, NEW_PASSWORD)
    assert not Session.objects.exists()
    assert desk.get("/admin/").status_code == 302
    assert "auth-password" in give_password(client).content.decode()
    assert give_password(client, password=NEW_PASSWORD)["Location"] == "/admin/"
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == SETUP
    assert not StaticDevice.objects.exists()


def test_five_wrong_passwords_close_one_account_from_one_source_for_a_quarter_of_an_hour(client):
    make_staff()
    make_staff("bruno")
    for _ in range(4):
        assert give_password(client, password="wrong").status_code == 200
    assert give_password(client, password="wrong").status_code == 429
    response = give_password(client)
    assert response.status_code == 429
    assert "two_factor/core/locked.html" in [template.name for template in response.templates]
    assert give_password(client, "bruno").status_code == 200
    assert "token" in give_password(client, REMOTE_ADDR="192.0.2.7").content.decode()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        assert "token-otp_token" in give_password(client).content.decode()
        give_code(client, phone_code())
        assert AccessAttempt.objects.count() == 0


def test_a_failed_sign_in_keeps_nothing_that_was_typed_or_stood_in_the_address(client, capfd):
    make_staff()
    give_password(client, "anna", "a-secret-typed-here")
    give_password(client, "a-secret-typed-here", "anna")
    for _ in range(2):
        foreign = {"auth-username": "bruno", "a-secret-field": "a-secret", "login_view-current_step": "auth"}
        client.post(f"{SIGN_IN}?next=/admin/a-secret/", foreign | {"auth-password": "wrong"})
    kept = str(list(AccessAttempt.objects.values()))
    assert "a-secret" not in kept
    assert "anna" not in kept
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


def test_a_new_phone_replaces_the_old_one_by_way_of_set_up():
    user = make_staff()
    client = signed_in(user)
    client.post("/admin/account/two_factor/disable/", {"understand": "on"})
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == SETUP


@pytest.mark.parametrize(
    "password", ["Password2026!", "P4ssw0rd!2026", "MilanoMilano1", "!!!Vitiligine!!!", "q1w2e3r4t5y6"]
)
def test_a_common_word_with_decoration_is_refused(password):
    with pytest.raises(ValidationError):
        DressedUpPasswordValidator().validate(password)


@pytest.mark.parametrize("password", [PASSWORD, "x7#Lwe$92kdTq", "correct horse battery staple"])
def test_an_uncommon_password_is_taken(password):
    DressedUpPasswordValidator().validate(password)


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
