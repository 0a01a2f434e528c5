"""Every admin form that changes public content: the next request shows the change, although the page was cached."""

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.models import ClinicProfile, ContentVersion
from questionnaire.models import Outcome, Question
from tests.admin_forms import Form
from tests.staff import make_staff, signed_in
from tests.wsgi import ask
from treatments.models import Page

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def owner():
    return signed_in(make_staff(role="owner"))


def save(client, address, **changes):
    """Open an admin form, change some of its values and save it."""
    values = Form(client.get(address).content.decode()).values
    response = client.post(address, values | changes)
    assert response.status_code == 302, [f.formset.errors for f in response.context["inline_admin_formsets"]]


def change(model, pk):
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[pk])


ADDRESS = "/it/notizie/prova/"


@pytest.fixture
def news():
    texts = {"title_it": "Prova", "in_short_it": "<p>Prova</p>", "title_en": "Test", "in_short_en": "<p>Test</p>"}
    texts |= {"slug_it": "prova", "slug_en": "test", "summary_it": "Prova", "summary_en": "Test"}
    page = Page.objects.create(kind="news", published_at=timezone.now(), **texts)
    for name in ("prova-1", "prova-2"):
        page.sections.create(
            anchor_it=name, anchor_en=name, heading_it="Prova", heading_en="Test", body_it="<p>Prova</p>"
        )
    return page


def news_form():
    return change(Page, Page.objects.get(slug_it="prova").pk)


def edit_a_page(client):
    save(client, news_form(), title_it="Testo nuovo")


def edit_a_section(client):
    save(client, news_form(), **{"sections-0-heading_it": "Testo nuovo"})


def add_a_source(client):
    new = {"text": "Testo nuovo", "year": "2024", "position": "99", "language": "it"}
    address = news_form()
    count = int(Form(client.get(address).content.decode()).values["sources-TOTAL_FORMS"])
    total = {"sources-TOTAL_FORMS": str(count + 1)}
    save(client, address, **total, **{f"sources-{count}-{name}": value for name, value in new.items()})


def delete_a_section(client):
    save(client, news_form(), **{"sections-0-DELETE": "on"})


def delete_the_page(client):
    assert client.post(f"{news_form()[:-7]}delete/", {"post": "yes"}).status_code == 302


def delete_the_page_in_the_list(client):
    chosen = {"action": "delete_selected", "_selected_action": str(Page.objects.get(slug_it="prova").pk), "post": "yes"}
    assert client.post(reverse("admin:treatments_page_changelist"), chosen).status_code == 302


def edit_the_facts(client):
    save(client, change(ClinicProfile, 1), phone="+39 02 000 000")


def add_opening_hours(client):
    times = {"opening_hours-0-opens": "09:00", "opening_hours-0-closes": "12:34"}
    save(client, change(ClinicProfile, 1) + "?step=hours", **times)


def add_the_facts(client):
    save(client, reverse("admin:clinic_clinicprofile_add"), phone="+39 02 000 000")


EDITS = [edit_a_page, edit_a_section, add_a_source, delete_a_section, delete_the_page, delete_the_page_in_the_list]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_the_next_request_shows_an_edit_of_a_page(cached_site, owner, news, edit):
    before = ask(cached_site, ADDRESS)
    assert before.status == 200
    edit(owner)
    after = ask(cached_site, ADDRESS)
    assert after.body != before.body
    if "delete_the" in edit.__name__:
        assert after.status == 404
        assert not [key for key in cached_site.pages if ADDRESS in key]


@pytest.mark.parametrize("edit", [edit_the_facts, add_opening_hours], ids=lambda edit: edit.__name__)
def test_the_next_request_shows_an_edit_of_the_facts(cached_site, owner, edit):
    ClinicProfile.objects.create(pk=1)
    before = ask(cached_site, "/it/")
    edit(owner)
    assert ask(cached_site, "/it/").body != before.body


def test_the_next_request_shows_the_first_facts(cached_site, owner):
    ask(cached_site, "/it/accessibilita/")
    add_the_facts(owner)
    assert 'href="tel:+3902000000"' in ask(cached_site, "/it/accessibilita/").text


def test_the_next_request_shows_the_new_wording_of_the_self_check(cached_site, owner):
    ask(cached_site, "/it/questionario/")
    save(owner, change(Question, Question.objects.get(key="family").pk), text_it="Testo nuovo?")
    assert "Testo nuovo?" in ask(cached_site, "/it/questionario/").text
    version = ContentVersion.current()
    save(owner, change(Outcome, Outcome.objects.get(key="contact").pk), text_it="Testo nuovo")
    assert ContentVersion.current() > version
