from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clinic.facts import facts
from clinic.models import ClinicProfile
from contacts import addresses
from contacts.intake import receive, spam
from contacts.models import Arrival, Lead, OutboxEmail
from contacts.privacy import consents, subject_access
from tests.leads import rome

pytestmark = pytest.mark.django_db
ADDRESS = "/en/contact/"


def request(number=0, **changes):
    return {
        "email": f"anna{number}@example.org",
        "message": "How long does a visit take?",
        "consent": "on",
        "consent_version": consents.CURRENT,
    } | changes


# --- Spam ---


@pytest.mark.parametrize(
    "changes",
    [
        {"second_opinion": "x"},
        {"name": "See www.example.com"},
        {"message": "Buy [url=http://example.com]here[/url]"},
        {"message": 'Buy <a href="//example.com">here</a>'},
        {"message": "http://a.example http://b.example https://c.example"},
        {"message": "cheap pills " * 30},
    ],
)
def test_a_suspected_request_is_kept_apart_not_mailed_and_answered_like_any_other(client, changes):
    response = client.post(ADDRESS, request(**changes))
    lead = Lead.objects.get()
    assert response["Location"] == f"/en/contact/sent/{lead.reference}/"
    assert lead.status == Lead.Status.SUSPECTED
    assert not OutboxEmail.objects.exists()


@pytest.mark.parametrize(
    "message",
    [
        "",
        "Buongiorno, vorrei un appuntamento per mia figlia. Grazie!",
        "I read https://www.example.org/vitiligo and https://www.nhs.uk: is it true?",
        "no no no no no no no",
        "Ho delle macchie bianche sulle mani e sulle braccia, e sulle mani da molti anni. " * 3,
        "<3 grazie",
        "È urgente!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
    ],
)
def test_what_a_patient_may_write_is_not_suspected(message):
    assert not spam.is_suspected(honeypot="", name="Anna Rossi", message=message)


def test_the_same_words_from_many_people_are_not_suspected(client, settings):
    settings.LEADS_PER_HOUR = 0
    for number in range(30):
        client.post(ADDRESS, request(number))
    assert Lead.objects.filter(status=Lead.Status.NEW).count() == 30


def test_the_honeypot_is_hidden_from_autofill_keyboard_and_screen_reader(client):
    html = client.get(ADDRESS).content.decode()
    field = html[html.index('name="second_opinion"') - 200 : html.index('name="second_opinion"') + 200]
    assert 'autocomplete="off"' in field
    assert 'tabindex="-1"' in field
    assert 'aria-hidden="true"' in html


# --- The hourly limit ---


@pytest.fixture
def limit(settings):
    settings.LEADS_PER_HOUR = 2
    ClinicProfile.objects.create(pk=1, phone="+39 02 000 000")
    facts.invalidate()


def test_one_request_too_many_is_429_with_the_phone_number_and_the_text_kept(client, limit):
    for number in range(2):
        assert client.post(ADDRESS, request(number)).status_code == 303
    response = client.post(ADDRESS, request(3, message="The third one", name="Anna Rossi"))
    html = response.content.decode()
    assert response.status_code == 429
    assert response["Retry-After"] == "3600"
    assert all(kept in html for kept in ("The third one", "Anna Rossi", "anna3@example.org", "tel:+3902000000"))
    assert "<title>Error: " in html
    assert Lead.objects.count() == 2


def test_a_request_sent_twice_is_never_one_too_many(client, limit):
    for number in range(2):
        client.post(ADDRESS, request(number))
    assert client.post(ADDRESS, request(1)).status_code == 303


def test_a_guess_at_another_persons_request_learns_nothing_from_the_answer(client, limit):
    hers, stranger = request(1), {"REMOTE_ADDR": "198.51.100.7"}
    client.post(ADDRESS, hers)
    for number in range(2, 4):
        assert client.post(ADDRESS, request(number), **stranger).status_code == 303
    assert [client.post(ADDRESS, guess, **stranger).status_code for guess in (hers, request(4))] == [429, 429]


def test_a_guess_that_is_right_counts_like_one_that_is_wrong(client, limit):
    hers, stranger = request(1), {"REMOTE_ADDR": "198.51.100.7"}
    client.post(ADDRESS, hers)
    answers = [client.post(ADDRESS, sent, **stranger).status_code for sent in (hers, request(2), request(3))]
    assert answers == [303, 303, 429]


def test_the_limit_is_each_sources_own_and_passes_after_an_hour(client, limit):
    for number in range(3):
        client.post(ADDRESS, request(number))
    assert client.post(ADDRESS, request(4), REMOTE_ADDR="198.51.100.7").status_code == 303
    assert client.post(ADDRESS, request(3)).status_code == 429
    Arrival.objects.update(at=timezone.now() - timedelta(hours=1, seconds=1))
    assert client.post(ADDRESS, request(3)).status_code == 303


def test_an_address_that_a_visitor_claims_is_not_believed(client, limit, settings):
    for number in range(3):
        response = client.post(ADDRESS, request(number), headers={"X-Forwarded-For": f"198.51.100.{number}"})
    assert response.status_code == 429


def test_zero_switches_the_limit_off(client, settings):
    settings.LEADS_PER_HOUR = 0
    assert {client.post(ADDRESS, request(number)).status_code for number in range(30)} == {303}
    assert not Arrival.objects.exists()


def test_where_a_request_came_from_is_stored_nowhere(client, limit):
    client.post(ADDRESS, request(), REMOTE_ADDR="198.51.100.7")
    arrival = Arrival.objects.get()
    assert "198.51" not in str(vars(arrival))
    assert len(arrival.source) == 64


# --- Nothing could be stored ---


@pytest.mark.parametrize("error", [OperationalError("database is locked"), IntegrityError("no free reference")])
def test_what_cannot_be_stored_is_503_with_the_phone_number_and_the_text_kept(client, limit, monkeypatch, error):
    def fail(**kwargs):
        raise error

    client.get(ADDRESS)
    monkeypatch.setattr(receive.Lead.objects, "create", fail)
    response = client.post("/it/contatti/", request(name="Anna Rossi", message="Quanto dura una visita?"))
    html = response.content.decode()
    assert response.status_code == 503
    assert response["Retry-After"] == "120"
    assert all(
        kept in html for kept in ("Quanto dura una visita?", "Anna Rossi", "anna0@example.org", "tel:+3902000000")
    )
    assert "checked" in html
    assert "non ci è arrivata" in html
    assert "no-store" in response["Cache-Control"]


def test_half_a_request_is_never_stored(client, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("disk full")

    monkeypatch.setattr(OutboxEmail, "queue", fail)
    assert client.post(ADDRESS, request()).status_code == 503
    assert not Lead.objects.exists()


def test_the_page_a_request_came_from_is_believed_only_when_the_form_said_it(client):
    client.post(ADDRESS, request(0, source="/it/anna-rossi/"))
    assert Lead.objects.get().source_page == ""
    html = client.get("/it/vitiligine/").content.decode()
    source = html.split('name="source" value="')[1].split('"')[0]
    client.post(ADDRESS, request(1, source=source))
    assert Lead.objects.exclude(source_page="").get().source_page == "/it/vitiligine/"


# --- The same person, the same request ---

LOCAL = st.text("abcxyzABCXYZ0189._-", min_size=1, max_size=20)


@given(LOCAL, st.text("abc", min_size=1, max_size=5), st.sampled_from(["example.org", "Example.ORG"]))
def test_case_white_space_and_tag_do_not_make_another_person(local, tag, domain):
    plain = addresses.digest(f"{local}@{domain}")
    assert addresses.digest(f"  {local.upper()}@{domain.lower()}\n") == plain
    assert addresses.digest(f"{local}+{tag}@{domain}") == plain
    assert addresses.digest(f"x{local}@{domain}") != plain
    assert addresses.normalise(addresses.normalise(f" {local}@{domain}")) == addresses.normalise(f"{local}@{domain}")


SPELLINGS = ["a@bücher.example", "A@BÜCHER.Example", "a@xn--bcher-kva.example", "a@XN--BCHER-KVA.example"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_same_person_is_found_whatever_the_spelling_of_an_international_domain(client, spelling):
    client.post(ADDRESS, request(email=spelling))
    for other in SPELLINGS:
        assert [[lead.email for lead in leads] for leads in subject_access.leads_of(other)] == [[spelling], []]


@given(st.one_of(st.emails(), st.text(), st.text().map("a@{}".format)))
def test_no_text_breaks_the_digest_and_none_shows_in_it(email):
    digest = addresses.digest(email)
    assert len(digest) == 64
    assert set(digest) <= set("0123456789abcdef")


def test_the_digest_needs_the_key(settings):
    before = addresses.digest("anna@example.org")
    settings.DIGEST_KEY = "x" * 40
    assert addresses.digest("anna@example.org") != before


@given(st.lists(st.text(max_size=5), min_size=2, max_size=4), st.lists(st.text(max_size=5), min_size=2, max_size=4))
def test_two_digests_are_equal_only_for_equal_parts(left, right):
    assert (receive.keyed_digest(*left) == receive.keyed_digest(*right)) is (left == right)


def test_the_same_words_on_another_day_in_rome_are_another_request():
    request = receive.NewRequest(email="anna@example.org", message="x", language="it")
    late = rome(2026, 3, 10, 23, 59)
    fingerprint = request.fingerprint(now=late)
    assert request.fingerprint(now=late - timedelta(hours=23)) == fingerprint
    assert request.fingerprint(now=late + timedelta(minutes=2)) != fingerprint
    assert replace(request, email=" Anna@Example.org").fingerprint(now=late) == fingerprint
    assert replace(request, email="anna+x@example.org").fingerprint(now=late) != fingerprint
