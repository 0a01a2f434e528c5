"""The words of a consent that somebody may have given never change."""

from hashlib import sha256

import pytest
from django.utils import timezone

from clinic.facts import facts
from clinic.models import ClinicProfile
from contacts.models import Consent
from contacts.privacy import consents
from tests.leads import make_lead
from tests.staff import make_staff, signed_in

# Every version that was ever on the site. Other words need a new version here, never another fingerprint.
FINGERPRINTS = {
    "2026-11": "25d39e1e485f0d09ad27eae7bae5b54f5571eab22cf5ce9beb1e6be4b63bd480",
    "2026-12": "042d257176555ccd4021612dea9a4758eb56e55a4424c8661ff55f4fc15d63c8",
}


def test_the_words_of_every_version_are_those_that_were_agreed_to():
    found = {
        version: sha256(f"{texts['en']}\n{texts['it']}".encode()).hexdigest()
        for version, texts in consents.TEXTS.items()
    }
    assert found == FINGERPRINTS
    assert consents.CURRENT in found


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["it", "en"])
def test_the_ledger_keeps_the_words_the_language_the_form_and_the_time(language):
    now = timezone.now()
    make_lead(language=language, form="self-check", now=now)
    entry = Consent.objects.get()
    assert entry.text == consents.plain_text(consents.CURRENT, language)
    assert (entry.version, entry.language, entry.form, entry.given_at) == (
        consents.CURRENT,
        language,
        "self-check",
        now,
    )
    assert (entry.withdrawn_at, entry.erased_at) == (None, None)


@pytest.mark.django_db
def test_staff_read_on_which_form_a_consent_was_given():
    make_lead(form="self-check")
    desk = signed_in(make_staff())
    shown = desk.get("/admin/contacts/consent/", headers={"Accept-Language": "it"}).content.decode()
    assert "dopo il questionario" in shown
    assert "self-check" not in shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "days", "name"),
    [
        ("/it/contatti/", "180 giorni", "Centro Prova S.r.l."),
        ("/en/treatments/micropigmentation/", "180 days", "Prova"),
    ],
)
def test_every_form_shows_the_short_notice_with_the_current_name_of_the_controller(client, path, days, name):
    client.get(path)
    ClinicProfile.objects.create(pk=1, legal_name=name)
    facts.invalidate()
    html = client.get(path).content.decode()
    assert days in html
    assert name in html[html.index('class="contact-form"') :].partition("</form>")[0]
