"""The register of personal data is complete and correct, and what is generated from it is up to date."""

import re
from collections import Counter

import pytest
from django.apps import apps
from django.utils.translation import override

from clinic.encryption.fields import EncryptedTextField
from clinic.management.commands.write_privacy_record import DOCUMENT, written
from clinic.models import ClinicProfile
from clinic.personal_data import Stored, Whose, names, not_personal, personal

OURS = {"clinic", "treatments", "questionnaire", "contacts"}


def is_declared_with_its_original(field):
    """A column that modeltranslation added, or an automatic primary key."""
    return hasattr(field, "translated_field") or (field.auto_created and field.primary_key)


def fields_of(model):
    fields = [*model._meta.fields, *model._meta.many_to_many]
    return [f"{model._meta.label}.{field.name}" for field in fields if not is_declared_with_its_original(field)]


def declared():
    return [*not_personal(), *(name for entry in personal() for name in names(entry.fields))]


def test_every_field_of_our_models_is_declared_once():
    ours = [name for model in apps.get_models() if model._meta.app_label in OURS for name in fields_of(model)]
    assert {name: times for name, times in Counter(declared()).items() if times > 1} == {}
    assert [name for name in declared() if name.split(".")[0] in OURS and name not in ours] == []
    assert [name for name in ours if name not in declared()] == []


def test_every_model_of_a_package_is_declared():
    others = {model._meta.label for model in apps.get_models() if model._meta.app_label not in OURS}
    assert {name.removesuffix(".*") for name in declared() if name.endswith(".*")} == others


def test_exactly_the_fields_declared_encrypted_are_encrypted():
    encrypted = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, EncryptedTextField)
    }
    assert {n for entry in personal() if entry.stored is Stored.ENCRYPTED for n in names(entry.fields)} == encrypted


def test_the_generated_record_is_up_to_date():
    """If this fails, run `make privacy`."""
    assert DOCUMENT.read_text() == written(DOCUMENT.read_text())


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["it", "en"])
def test_the_privacy_page_lists_everything_kept_about_patients_with_reason_and_duration(client, language):
    html = text_of(client.get(f"/{language}/privacy/"))
    with override(language):
        for entry in personal(Whose.PATIENT):
            for text in (str(entry.what), str(entry.why), str(entry.kept)):
                assert text[1:] in html


def text_of(response):
    html = re.sub(r"<[^>]*>", "", response.content.decode())
    return html.replace("&#x27;", "'")


@pytest.mark.django_db
def test_the_days_on_the_page_are_those_of_the_settings(client, settings):
    html = text_of(client.get("/en/privacy/"))
    for days in (
        f"{settings.KEEP_LEAD_DAYS['closed']} days after our last contact ({settings.KEEP_LEAD_DAYS['suspected']} if",
        f"then {settings.KEEP_CONSENT_YEARS} years without",
        f"{settings.KEEP_ACCESS_DAYS} days",
        f"{settings.KEEP_BACKUP_DAYS} days at most",
    ):
        assert days in html
    # The page states one number of days for every status but suspected.
    assert len({days for status, days in settings.KEEP_LEAD_DAYS.items() if status != "suspected"}) == 1


@pytest.mark.django_db
def test_a_company_whose_name_ends_with_a_full_stop_gets_no_second_one(client):
    ClinicProfile.objects.create(pk=1, legal_name="Rossi S.r.l.", processors="Server S.p.A.")
    for address in ("/it/privacy/", "/it/contatti/"):
        shown = client.get(address).content.decode()
        assert "S.r.l." in shown
        assert ".." not in shown.replace("...", "")
