"""Phone numbers as people type and paste them: cleaned, judged leniently, and what is wrong is said in words."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from contacts.inbox import exports
from contacts.models import Lead
from contacts.phones import PhoneField, link
from contacts.privacy import consents, subject_access
from tests.leads import make_lead

TYPED = [
    ("02 1234567", "02 1234567", "021234567"),
    ("+39 333 123 45 67", "+39 333 123 45 67", "+393331234567"),
    ("\u202a+39\u00a0333\u20111234567\u202c", "+39 333-1234567", "+393331234567"),
    ("\uff10\uff12\uff0f\uff11\uff12\uff13\uff14", "02/1234", "021234"),
    ("\u0660\u0661\u0662\u0663\u0664", "01234", "01234"),
    ("tel:+41 (0)91 123 45 67", "+41 (0)91 123 45 67", "+410911234567"),
    ("0039.02.1234567", "0039.02.1234567", "0039021234567"),
    ("", "", ""),
]


@pytest.mark.parametrize(("typed", "stored", "dialled"), TYPED)
def test_a_number_is_taken_however_it_is_written(typed, stored, dialled):
    phone = PhoneField(required=False).clean(typed)
    assert (phone, link(phone)) == (stored, dialled)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("333 12 int. 4", "“i”"),
        ("anna@example.org", "“a”"),
        ("123", "da 5 a 20 cifre"),
        ("1" * 21, "da 5 a 20 cifre"),
        ("+", "da 5 a 20 cifre"),
        ("333*1234", "“*”"),
        ("12345\x00", "null"),
    ],
)
def test_what_cannot_be_a_number_is_said_in_words(typed, said):
    with override("it"):
        with pytest.raises(ValidationError) as error:
            PhoneField(required=False).clean(typed)
        assert said in str(error.value)


def request(**changes):
    return {
        "email": "anna@example.org",
        "message": "Quando?",
        "consent": "on",
        "consent_version": consents.CURRENT,
    } | changes


@pytest.mark.django_db
def test_a_phone_number_is_stored_and_shown_to_staff_as_a_link(client, desk):
    client.post("/it/contatti/", request(phone="+39 333 1234567"))
    lead = Lead.objects.get()
    assert lead.phone == subject_access.copy_of(lead)["phone"] == exports.value_of(lead, "phone") == "+39 333 1234567"
    assert '<a href="tel:+393331234567"' in desk.get(f"/admin/contacts/lead/{lead.pk}/change/").content.decode()


@pytest.mark.django_db
def test_a_wrong_number_is_422_and_stays_in_the_form_in_both_languages(client):
    response = client.post("/it/contatti/", request(phone="333 doppio"))
    html = response.content.decode()
    assert response.status_code == 422
    assert 'href="#contact_phone"' in html
    assert "Nel numero di telefono c&#x27;è “d”" in html
    assert 'value="333 doppio"' in html
    assert 'value="333 doppio"' in client.post("/en/contact/", request(phone="333 doppio", again="")).content.decode()


@pytest.mark.django_db
def test_the_same_request_with_another_number_is_another_lead_so_that_no_number_is_lost(client):
    for phone in ("", "", "02 1234567", "02 1234567"):
        client.post("/it/contatti/", request(phone=phone))
    assert sorted(lead.phone for lead in Lead.objects.all()) == ["", "02 1234567"]


@pytest.mark.django_db
def test_a_lead_without_a_number_shows_none(desk):
    assert "tel:" not in desk.get(f"/admin/contacts/lead/{make_lead().pk}/change/").content.decode().split("<main")[-1]
