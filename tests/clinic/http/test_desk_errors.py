"""Every error under /admin/ has the face of the desk and a way back."""

import pytest
from django.db import OperationalError
from django.test import Client

from clinic.http.middleware import RequestGuard
from contacts.admin import LeadAdmin
from tests.staff import make_staff, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
LEADS = "/admin/contacts/lead/"


def has_the_face_of_the_desk(response) -> bool:
    html = response.content.decode()
    return "css/desk.css" in html and "Back to the desk" in html and "tel:" not in html


@pytest.fixture
def desk():
    client = signed_in(make_staff("olga", "owner"))
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/admin/no/such/page/", 404),
        ("/admin/account/none/", 404),
        (LEADS + "%00/change/", 400),
        (LEADS + "person/erase/", 405),
    ],
)
def test_an_address_that_leads_nowhere(desk, address, status):
    response = desk.get(address)
    assert response.status_code == status
    assert has_the_face_of_the_desk(response)


def test_a_form_without_its_token(desk):
    client = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    client.cookies = desk.cookies
    response = client.post(LEADS, {"action": "close"})
    assert response.status_code == 403
    assert "open for too long" in response.content.decode()
    assert has_the_face_of_the_desk(response)


def test_a_body_that_is_too_large(desk, monkeypatch):
    monkeypatch.setattr(RequestGuard, "MAX_BYTES_ADMIN", 10)
    response = desk.post(LEADS, {"action": "x" * 20})
    assert response.status_code == 413
    assert has_the_face_of_the_desk(response)


@pytest.mark.parametrize(("error", "status"), [(ValueError, 500), (OperationalError("database is locked"), 503)])
def test_a_failure_does_not_ask_the_database_again(desk, monkeypatch, error, status):
    def fail(*arguments):
        raise error

    monkeypatch.setattr(LeadAdmin, "get_queryset", fail)
    response = desk.get(LEADS)
    assert response.status_code == status
    assert has_the_face_of_the_desk(response)
    assert "olga" not in response.content.decode()
