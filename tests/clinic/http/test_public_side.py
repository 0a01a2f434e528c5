"""The public site: no cookies, one Content-Security-Policy, error pages and language links."""

import pytest
from django.contrib.auth import get_user_model

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGES = [
    "/",
    "/it/",
    "/en/",
    "/it/trattamenti/",
    "/en/treatments/",
    "/it/trattamenti/micropigmentazione/",
    "/en/treatments/micropigmentation/",
    "/it/vitiligine/",
    "/en/vitiligo/",
    "/it/notizie/",
    "/en/news/",
    "/it/questionario/",
    "/en/questionnaire/",
    "/it/contatti/",
    "/en/contact/",
    "/it/privacy/",
    "/en/privacy/",
    "/it/accessibilita/",
    "/en/accessibility/",
    "/it/non-esiste/",
    "/livez",
    "/readyz",
    "/robots.txt",
    "/sitemap.xml",
]


@pytest.fixture(params=["anonymous", "staff"])
def visitor(request, client):
    if request.param == "staff":
        client.force_login(get_user_model().objects.create_superuser("anna"))
    return client


@pytest.mark.parametrize("path", PAGES)
def test_no_public_response_sets_or_depends_on_a_cookie(visitor, path):
    visitor.cookies["csrf"] = "malformed"
    sent = dict(visitor.cookies)
    response = visitor.get(path)
    assert response.status_code == (404 if "non-esiste" in path else 302 if path == "/" else 200)
    assert "cookie" not in response.get("Vary", "").lower()
    assert dict(visitor.cookies) == sent
    assert not response.cookies


@pytest.mark.parametrize("path", PAGES)
def test_the_csp_is_constant_without_nonce_or_unsafe(client, path):
    first, second = (client.get(path)["Content-Security-Policy"] for _ in range(2))
    assert first == second
    assert "default-src 'none'" in first
    assert "unsafe" not in first
    assert "nonce" not in first


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["put", "delete", "patch", "trace", "options"])
def test_an_unsupported_method_is_refused(client, path, method):
    assert getattr(client, method)(path).status_code in {302, 404, 405}


def test_the_error_for_an_unsupported_method_is_in_the_language_of_the_page(client):
    response = client.put("/it/contatti/")
    assert response.status_code == 405
    assert 'lang="it"' in response.content.decode()


@pytest.mark.parametrize(("accept", "home"), [("it", "/it/"), ("en-GB,en;q=0.9", "/en/"), ("de", "/it/"), ("", "/it/")])
def test_the_root_redirects_to_the_accepted_language_or_italian(client, accept, home):
    assert client.get("/", headers={"Accept-Language": accept})["Location"] == home


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/it/", "/en/"),
        ("/it/trattamenti/", "/en/treatments/"),
        ("/it/trattamenti/micropigmentazione/", "/en/treatments/micropigmentation/"),
        ("/it/vitiligine/", "/en/vitiligo/"),
        ("/it/questionario/", "/en/questionnaire/"),
        ("/it/contatti/", "/en/contact/"),
        ("/it/privacy/", "/en/privacy/"),
        ("/it/accessibilita/", "/en/accessibility/"),
        ("/it/notizie/", "/en/news/"),
    ],
)
def test_the_language_link_is_to_the_same_page_and_back(client, here, there):
    assert f'<a href="{there}" hreflang="en"' in client.get(here).content.decode()
    assert f'<a href="{here}" hreflang="it"' in client.get(there).content.decode()


def test_errors_are_pages_in_the_language_of_the_address(client):
    assert "Questa pagina non esiste" in client.get("/it/non-esiste/").content.decode()
    assert "This page does not exist" in client.get("/en/no-such-page/").content.decode()


def test_an_empty_fact_is_hidden_and_a_filled_one_shown(client):
    from clinic.facts import facts
    from clinic.models import ClinicProfile

    assert "tel:" not in client.get("/it/").content.decode()
    ClinicProfile.objects.create(pk=1, phone="+39 02 000 000")
    facts.invalidate()
    assert 'href="tel:+3902000000"' in client.get("/it/").content.decode()
