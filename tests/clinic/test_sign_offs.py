"""What only people can confirm: listed on the desk until it is done, and only then stated by the privacy notice."""

import pytest
from django.utils import timezone

from clinic.facts import facts
from clinic.models import ClinicProfile, SignOff
from clinic.operations.doctor import staff
from clinic.operations.doctor.problem import Problem
from tests.staff import make_staff, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
WHO = {"legal_name": "Centro S.r.l.", "street": "via Prova 1", "vat_number": "01234567890", "email": "c@example.org"}


def sign(kind):
    SignOff.objects.create(kind=kind, name="Anna Rossi", signed_on=timezone.localdate())
    facts.invalidate()


def test_the_notice_speaks_of_contracts_and_of_the_mailbox_only_once_they_are_confirmed(client):
    html = client.get("/en/privacy/").content.decode()
    assert "under a contract" not in html
    assert "then we erase them" not in html
    sign("processors")
    sign("mailbox")
    html = client.get("/en/privacy/").content.decode()
    assert "under a contract" in html
    assert "Nothing leaves the European Economic Area." in html
    assert "as long as your request, then we erase them" in html


@pytest.mark.parametrize("path", ["/it/privacy/", "/en/privacy/"])
def test_the_notice_names_the_rights_and_the_ground_of_the_proof(client, path):
    html = client.get(path).content.decode()
    assert "2016/679" in html
    assert ("accesso, rettifica, cancellazione, limitazione, portabilità e opposizione" in html) == ("/it/" in path)
    assert "9(2)(f)" in html or "articolo 9, paragrafo 2, lettera f" in html


def test_the_desk_lists_what_nobody_has_confirmed_and_what_is_unknown_of_the_people():
    owner = signed_in(make_staff("olga", "owner"))
    html = owner.get("/admin/", headers={"Accept-Language": "en"}).content.decode()
    assert "Data protection impact assessment" in html or "data protection impact assessment" in html
    assert "Dr. Marina Fantato" in html or "dott.ssa Marina Fantato" in html
    sign("dpia")
    html = owner.get("/admin/", headers={"Accept-Language": "en"}).content.decode()
    assert "data protection impact assessment" not in html


def test_on_the_internet_a_site_that_does_not_say_who_runs_it_is_a_problem_until_it_does(settings):
    settings.HTTPS = True
    with pytest.raises(Problem, match="not lawful"):
        staff.identity(timezone.now())
    owner = signed_in(make_staff("olga", "owner"))
    assert "not lawful" in owner.get("/admin/", secure=True, headers={"Accept-Language": "en"}).content.decode()
    ClinicProfile.objects.create(pk=1, **WHO)
    facts.invalidate()
    assert staff.identity(timezone.now())
    assert "not lawful" not in owner.get("/admin/", secure=True, headers={"Accept-Language": "en"}).content.decode()


def test_without_https_nothing_is_said():
    assert staff.identity(timezone.now())


@pytest.mark.parametrize("path", ["/it/", "/it/privacy/", "/it/contatti/", "/it/vitiligine/", "/en/privacy/"])
def test_nobody_is_told_to_call_where_there_is_no_number(client, path):
    html = client.get(path).content.decode()
    assert "call us" not in html.lower()
    assert "ci chiami" not in html.lower()
