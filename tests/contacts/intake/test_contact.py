import re
from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.facts import facts
from clinic.models import ClinicProfile
from contacts import references
from contacts.models import Consent, Lead, OutboxEmail
from contacts.privacy import consents, withdrawals
from questionnaire import tokens
from questionnaire.rules import Answers

pytestmark = pytest.mark.django_db

ADDRESS = {"it": "/it/contatti/", "en": "/en/contact/"}
YES_TO_PATCHES = Answers(diagnosed=False, family=False, patches=True)


def request(**changes):
    return {
        "email": "anna@example.org",
        "message": "How long does a visit take?",
        "consent": "on",
        "consent_version": consents.CURRENT,
    } | changes


def test_a_request_becomes_a_lead_with_consent_and_two_mails_and_the_thanks_show_its_reference(client):
    response = client.post(ADDRESS["en"], request(name="Anna"))
    lead = Lead.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"/en/contact/sent/{lead.reference}/"
    assert (lead.email, lead.name, lead.message) == ("anna@example.org", "Anna", "How long does a visit take?")
    assert lead.consent.text == consents.plain_text(consents.CURRENT, "en")
    assert {mail.kind for mail in lead.emails.all()} == {"staff", "patient"}
    assert lead.reference in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize(
    ("promise", "said"),
    [(None, ""), (1, "entro 1 ora lavorativa"), (8, "Di solito rispondiamo entro 8 ore lavorative.")],
)
def test_the_thanks_say_how_soon_the_centre_answers_once_it_has_said_so(client, promise, said):
    ClinicProfile.objects.create(pk=1, answer_within_hours=promise)
    facts.current()  # the page with the form shows the centre's facts before anybody is thanked
    html = client.get(client.post(ADDRESS["it"], request())["Location"]).content.decode()
    assert said in html
    assert bool(said) == ("Di solito" in html)


@pytest.mark.parametrize(("language", "thanks"), [("it", "/it/contatti/inviato/"), ("en", "/en/contact/sent/")])
def test_the_lead_keeps_the_language_it_was_written_in(client, language, thanks):
    assert client.post(ADDRESS[language], request())["Location"].startswith(thanks)
    assert Lead.objects.get().language == language


def test_sending_the_same_twice_gives_the_same_lead_and_reference(client):
    first, second = (client.post(ADDRESS["it"], request()) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert (Lead.objects.count(), Consent.objects.count(), OutboxEmail.objects.count()) == (1, 1, 2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "anna@"}, "email"),
        ({"email": "anna@example.org\x00"}, "email"),
        ({"email": '"anna"@example.org'}, "email"),
        ({"email": "anna@[192.0.2.1]"}, "email"),
        ({"message": ""}, "message"),
        ({"message": "x" * 1_000_000}, "message"),
        ({"message": "è" * 500_000}, "message"),
        ({"message": "nul\x00byte"}, "message"),
        ({"consent": ""}, "consent"),
        ({"consent_version": "1999-01"}, "consent"),
        ({"consent_version": ""}, "consent"),
        ({"name": "x" * 500}, "name"),
    ],
)
@pytest.mark.parametrize("language", ["it", "en"])
def test_bad_input_is_422_with_a_summary_and_the_typed_text_kept(client, language, changes, field):
    sent = request(name="Anna Rossi") | changes
    response = client.post(ADDRESS[language], sent)
    html = response.content.decode()
    assert response.status_code == 422
    assert f'<a href="#contact_{field}">' in html
    assert {"it": "<title>Errore: ", "en": "<title>Error: "}[language] in html
    assert sent["message"].partition("\x00")[0][:20] in html
    assert Lead.objects.count() == 0


def test_a_name_that_is_too_long_has_a_polite_error(client):
    html = client.post(ADDRESS["it"], request(name="x" * 121)).content.decode()
    assert "Accorci il nome a 120 caratteri." in html


def test_two_different_addresses_in_one_request_are_422(client):
    body = "email=a@example.org&email=b@example.org&message=x&consent=on&consent_version=" + consents.CURRENT
    assert client.post(ADDRESS["en"], body, "application/x-www-form-urlencoded").status_code == 422


def test_answers_are_kept_only_when_the_patient_attaches_them(client):
    sealed = tokens.make_token(YES_TO_PATCHES, now=timezone.now())
    client.post(ADDRESS["en"], request(self_check=sealed, message=""))
    without = Lead.objects.get()
    assert (without.answers, without.outcome) == (None, "")
    client.post(ADDRESS["en"], request(self_check=sealed, message="", attach_answers="on"))
    lead = Lead.objects.exclude(pk=without.pk).get()
    assert lead.answers == {"diagnosed": False, "family": False, "patches": True}
    assert lead.outcome == "contact"


@pytest.mark.parametrize(
    "seal",
    [
        lambda: tokens.make_token(YES_TO_PATCHES, now=timezone.now() - timedelta(hours=2, minutes=1)),
        lambda: tokens.make_token(YES_TO_PATCHES, now=timezone.now())[:-4] + "AAAA",
        lambda: "nonsense",
    ],
)
def test_old_or_changed_answers_are_left_out_the_lead_is_stored_and_the_page_says_so(client, seal):
    response = client.post(ADDRESS["it"], request(self_check=seal(), attach_answers="on"))
    assert response.status_code == 303
    assert response["Location"].endswith("?answers=expired")
    assert Lead.objects.get().answers is None
    assert "notice" in client.get(response["Location"]).content.decode()


def test_a_charset_that_the_request_names_is_not_believed(client):
    fields = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in request(message="half a character: +2AA-").items()
    )
    response = client.generic(
        "POST", ADDRESS["en"], f"{fields}--x--\r\n", "multipart/form-data; boundary=x; charset=utf-7"
    )
    assert response.status_code == 303
    assert Lead.objects.get().message == "half a character: +2AA-"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Origin": "http://testserver"}, 303),
        ({"Origin": "https://testserver"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_only_the_sites_own_pages_may_post(client, settings, headers, status):
    settings.ALLOWED_HOSTS = ["testserver"]
    response = client.post(ADDRESS["en"], request(), headers=headers)
    assert response.status_code == status
    assert Lead.objects.count() == (status == 303)


def test_the_thanks_read_no_database_and_refuse_a_reference_that_is_none(client, django_assert_num_queries):
    reference = references.new_reference()
    with django_assert_num_queries(0):
        response = client.get(f"/it/contatti/inviato/{reference}/")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    wrong = reference[:-1] + ("A" if reference[-1] != "A" else "C")
    assert client.get(f"/it/contatti/inviato/{wrong}/").status_code == 404


def test_a_reference_finds_every_single_slip_and_every_swap_of_neighbours():
    reference = references.new_reference()
    code = reference.replace("-", "")
    for position in range(6):
        for character in references.ALPHABET:
            if character != code[position]:
                assert references.normalise(code[:position] + character + code[position + 1 :]) is None
    for left in range(4):
        swapped = code[:left] + code[left + 1] + code[left] + code[left + 2 :]
        assert swapped == code or references.normalise(swapped) is None
    assert references.normalise(f" {reference.lower()} ") == reference


def test_the_link_in_the_email_erases_and_a_second_time_is_answered_the_same(client):
    client.post(ADDRESS["it"], request())
    lead = Lead.objects.get()
    address = f"/it/contatti/revoca/{withdrawals.token(lead.pk)}/"
    shown = client.get(address)
    assert shown.status_code == 200
    assert "anna@example.org" not in shown.content.decode()
    assert Lead.objects.count() == 1
    for _time in range(2):
        assert client.post(address).status_code == 200
        assert Lead.objects.count() == 0
    consent = Consent.objects.get()
    assert consent.lead is None
    assert consent.withdrawn_at is not None
    assert client.get("/it/contatti/revoca/nonsense/").status_code == 404


def test_every_information_page_has_the_form_with_its_own_path(client):
    for path in ("/it/", "/en/treatments/micropigmentation/", "/it/vitiligine/"):
        html = client.get(path).content.decode()
        assert re.search(r'<form class="contact-form" method="post" action="/(it/contatti|en/contact)/"', html)
        assert f'name="source" value="{path}:' in html


def test_str_of_a_lead_names_nobody(client):
    client.post(ADDRESS["it"], request())
    lead = Lead.objects.get()
    assert str(lead) == lead.reference
