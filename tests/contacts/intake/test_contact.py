import re
from datetime import timedelta
from html import unescape

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
    [
        (None, ""),
        (1, "Di solito rispondiamo entro un giorno lavorativo."),
        (8, "entro un giorno lavorativo"),
        (16, "entro due giorni lavorativi"),
        (17, "entro 3 giorni lavorativi"),
    ],
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


QUESTIONS = {"it": "/it/questionario/", "en": "/en/questionnaire/"}


def shown_fields(html):
    """Return what the contact form on a page holds: {name: value}, ticks as "on"."""
    form = re.search(r'<form class="contact-form".*?</form>', html, re.S)[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf'\b{key}="([^"]*)"', tag) for key in ("name", "value"))
        if 'type="checkbox"' not in tag:
            fields[name[1]] = unescape(value[1]) if value else ""
        elif " checked" in tag:
            fields[name[1]] = "on"
    for name, text in re.findall(r'<textarea name="(\w+)"[^>]*>\n?(.*?)</textarea>', form, re.S):
        fields[name] = unescape(text.removeprefix("\r\n"))
    return fields


@pytest.mark.parametrize("hours_open", [0, 1.9, 2.1, 30])
@pytest.mark.parametrize("language", ["it", "en"])
def test_what_is_wrong_on_the_outcomes_page_leaves_outcome_answers_and_everything_typed(client, language, hours_open):
    sealed = tokens.make_token(YES_TO_PATCHES, now=timezone.now() - timedelta(hours=hours_open))
    typed = {"email": "anna@", "name": "Anna", "message": "Prima riga\r\nseconda <b>", "attach_answers": "on"}
    response = client.post(ADDRESS[language], request(self_check=sealed, **typed))
    html = response.content.decode()
    assert response.status_code == 422
    assert "no-store" in response["Cache-Control"]
    assert {"it": "possono avere molte cause", "en": "can have many causes"}[language] in html
    assert "safety-net" in html
    assert html.count('name="patches" value="yes"') == 3  # the answers, as each Change would send them
    assert "error-summary" in html
    fields = shown_fields(html)
    assert {name: fields.get(name) for name in typed} == typed
    assert fields["consent"] == "on"
    # The page shows the answers once more, and so seals them anew: what is sent from it has them.
    client.post(ADDRESS[language], fields | {"email": "anna@example.org"})
    assert Lead.objects.get().answers == YES_TO_PATCHES.as_dict()


@pytest.mark.parametrize("after_self_check", [False, True])
@pytest.mark.parametrize(("source", "target"), [("it", "en"), ("en", "it")])
def test_the_language_switch_carries_everything_typed_in_both_directions(client, source, target, after_self_check):
    sealed = tokens.make_token(YES_TO_PATCHES, now=timezone.now())
    started = client.post(QUESTIONS[source], {"diagnosed": "no", "family": "no", "patches": "yes"})
    page = started if after_self_check else client.get(ADDRESS[source])
    switch = f'form="contact-form" formaction="{ADDRESS[target]}" name="again" value="{target}"'
    assert switch in page.content.decode()
    typed = {"email": "anna@", "name": "Anna", "message": "Quanto dura?\r\n\r\nGrazie", "consent": "on"}
    if after_self_check:
        typed |= {"self_check": sealed, "attach_answers": "on"}
    response = client.post(ADDRESS[target], typed | {"again": target, "consent_version": consents.CURRENT})
    html = response.content.decode()
    assert response.status_code == 200
    assert f'<html lang="{target}">' in html
    assert "error-summary" not in html
    assert ("safety-net" in html) is after_self_check
    fields = shown_fields(html)
    kept = {name: value for name, value in typed.items() if name != "self_check"}
    assert {name: fields.get(name) for name in kept} == kept
    assert not Lead.objects.exists()


def test_a_seal_that_was_never_ours_leaves_what_was_typed_on_the_contact_page(client):
    response = client.post(ADDRESS["it"], request(self_check="nonsense", email="anna@"))
    html = response.content.decode()
    assert response.status_code == 422
    assert shown_fields(html)["email"] == "anna@"
    assert "safety-net" not in html


def test_a_line_break_counts_as_one_character(client):
    message = "\r\n".join("x" * 9 for _ in range(400))  # 3,999 characters as people count them
    assert client.post(ADDRESS["it"], request(message=message)).status_code == 303
    assert Lead.objects.get().message == message.replace("\r\n", "\n")


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
