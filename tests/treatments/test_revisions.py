"""What an editor writes is not lost: conflicts, revisions, restoring, deletion that can be undone."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from clinic.models import ClinicProfile, Revision, revisions
from questionnaire.models import Outcome
from tests.staff import make_staff, signed_in
from tests.treatments.test_page_admin import LIST, draft, filled_form
from treatments.models import Page, Section

pytestmark = pytest.mark.django_db
__all__ = ["draft"]


@pytest.fixture
def edda():
    return signed_in(make_staff("edda", "editor"))


@pytest.fixture
def ezio():
    return signed_in(make_staff("ezio", "editor"))


def form_of(client, page, **changes):
    """Return what the page's form sends, with the content it was opened on."""
    response = client.get(f"{LIST}{page.pk}/change/")
    return filled_form(client, page, **changes) | {"opened": response.context["opened"]}


def save(client, page, form, **changes):
    return client.post(f"{LIST}{page.pk}/change/", form | changes)


def resent(response):
    """Return what the form that is shown again would send."""
    data = {"opened": response.context["opened"]}
    inlines = response.context["inline_admin_formsets"]
    forms = [response.context["adminform"].form, *(form for inline in inlines for form in inline.formset)]
    forms += [inline.formset.management_form for inline in inlines]
    for form in forms:
        for field in form:
            value = field.value()
            data[field.html_name] = "" if value is None or value is False else value
    return data


def test_the_second_of_two_saves_overwrites_nothing_and_keeps_what_was_typed(edda, ezio, draft):
    first, second = form_of(edda, draft), form_of(ezio, draft)
    assert save(edda, draft, first, title_it="Titolo di Edda", title_en="Edda's title").status_code == 302
    response = save(ezio, draft, second, title_it="Titolo di Ezio", summary_it="Riassunto di Ezio")
    assert response.status_code == 409
    html = response.content.decode()
    assert 'value="Titolo di Ezio"' in html
    assert 'value="Riassunto di Ezio"' in html
    assert 'value="Edda&#x27;s title"' in html
    assert '<q class="theirs">Titolo di Edda</q>' in html
    assert "edda has saved this while you were writing" in html
    draft.refresh_from_db()
    assert (draft.title_it, draft.summary_it or "") == ("Titolo di Edda", "")
    assert save(ezio, draft, resent(response)).status_code == 302
    draft.refresh_from_db()
    assert (draft.title_it, draft.title_en) == ("Titolo di Ezio", "Edda's title")
    assert draft.summary_it == "Riassunto di Ezio"


@pytest.mark.one_database
def test_the_same_change_by_both_is_no_conflict_of_texts(edda, ezio, draft):
    first, second = form_of(edda, draft), form_of(ezio, draft)
    save(edda, draft, first, title_it="Uguale")
    response = save(ezio, draft, second, title_it="Uguale")
    assert response.status_code == 409
    assert 'class="theirs"' not in response.content.decode()


@pytest.mark.one_database
def test_parts_that_a_colleague_changed_added_or_deleted_are_said_beside_their_place(edda, ezio, draft):
    Section.objects.create(page=draft, position=2, anchor_it="b", heading_it="Due", body_it="<p>Due.</p>")
    Section.objects.create(page=draft, position=3, anchor_it="c", heading_it="Tre", body_it="<p>Tre.</p>")
    first, second = form_of(edda, draft), form_of(ezio, draft)
    first |= {"sections-0-body_it": "<p>Testo di Edda.</p>", "sections-1-DELETE": "on", "sections-2-DELETE": "on"}
    first |= {"sections-TOTAL_FORMS": "4", "sections-3-heading_it": "Nuova", "sections-3-anchor_it": "n"}
    first |= {"sections-3-position": "9", "sections-3-body_it": "<p>Nuova.</p>"}
    assert save(edda, draft, first).status_code == 302
    second |= {"sections-0-body_it": "<p>Testo di Ezio.</p>", "sections-1-body_it": "<p>Due di Ezio.</p>"}
    response = save(ezio, draft, second)
    html = response.content.decode()
    assert response.status_code == 409
    assert '<q class="theirs">Testo di Edda.</q>' in html
    assert "edda has deleted this section. Save again to keep it as it is here, or remove it." in html
    assert "edda has deleted this section: Tre" in html
    assert "edda has added this section: Nuova" in html
    assert save(ezio, draft, resent(response)).status_code == 302
    kept = {section.heading_it: section.body_it for section in draft.sections.all()}
    assert kept == {"Titolo": "<p>Testo di Ezio.</p>", "Due": "<p>Due di Ezio.</p>", "Nuova": "<p>Nuova.</p>"}


@pytest.mark.one_database
def test_a_page_that_a_colleague_deleted_can_be_saved_anew_with_what_was_typed(edda, ezio, draft):
    form = form_of(ezio, draft, title_it="Riscritto", **{"sections-0-body_it": "<p>Riscritto.</p>"})
    edda.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"})
    response = save(ezio, draft, form)
    assert response.status_code == 409
    assert "edda has deleted this while you were writing" in response.content.decode()
    again = ezio.post(f"{LIST}add/", resent(response))
    assert again.status_code == 302, [form.errors for form in again.context["inline_admin_formsets"][0].formset]
    assert Section.objects.get(page__title_it="Riscritto").body_it == "<p>Riscritto.</p>"


@pytest.mark.one_database
def test_facts_outcomes_and_photographs_are_guarded_alike(edda, ezio):
    outcome = Outcome.objects.first()
    address = f"/admin/questionnaire/outcome/{outcome.pk}/change/"
    opened = edda.get(address)
    fields = {field.html_name: field.value() or "" for field in opened.context["adminform"].form}
    fields["opened"] = opened.context["opened"]
    assert edda.post(address, fields | {"text_it": "Di Edda"}).status_code == 302
    assert ezio.post(address, fields | {"text_it": "Di Ezio"}).status_code == 409
    assert Outcome.objects.get(pk=outcome.pk).text_it == "Di Edda"
    ClinicProfile.objects.create(pk=1)
    assert edda.get("/admin/clinic/clinicprofile/1/change/").context["opened"]


@pytest.mark.one_database
def test_a_save_that_changes_nothing_is_no_revision_and_no_history(edda, draft):
    Page.objects.filter(pk=draft.pk).update(in_short_it="<p>Una riga</p>\n<p>e un'altra.</p>")
    draft.refresh_from_db()
    form = form_of(edda, draft)
    form["in_short_it"] = form["in_short_it"].replace("\n", "\r\n")  # as browsers send it
    save(edda, draft, form)
    assert not Revision.objects.exists()
    assert not LogEntry.objects.exists()


def test_the_history_says_who_changed_what_and_a_revision_is_restored_in_both_languages(edda, draft):
    save(edda, draft, form_of(edda, draft), title_it="Nuovo", title_en="New", **{"sections-0-body_it": "<p>Altro.</p>"})
    page = edda.get(f"{LIST}{draft.pk}/history/").content.decode()
    for words in ("edda", "Title [it]", "Title [en]", "section “Titolo”: Text [it]"):
        assert words in page
    found = Revision.objects.last()
    assert found.action == "found"
    compared = edda.get(f"{LIST}revision/{found.pk}/").content.decode()
    for words in ("<del>Prova</del>", "<ins>Nuovo</ins>", "<del>Trial</del>", "<ins>New</ins>", "<del>Testo.</del>"):
        assert words in compared
    assert edda.post(f"{LIST}revision/{found.pk}/").status_code == 302
    draft.refresh_from_db()
    assert (draft.title_it, draft.title_en) == ("Prova", "Trial")
    assert draft.sections.get().body_it == "<p>Testo.</p>"
    assert Revision.objects.first().action == "restored"


@pytest.mark.one_database
def test_a_second_restore_says_that_nothing_is_left_to_do(edda, draft):
    save(edda, draft, form_of(edda, draft), title_it="Nuovo")
    found = Revision.objects.last()
    for _time in range(2):
        edda.post(f"{LIST}revision/{found.pk}/")
    assert Revision.objects.filter(action="restored").count() == 1
    assert "nothing was changed" in edda.get(LIST).content.decode()


def test_a_deleted_page_comes_back_whole_within_thirty_days(edda, draft):
    before = revisions.snapshot(draft, ["sections", "faqs", "sources"])
    edda.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"})
    assert not Page.objects.filter(pk=draft.pk).exists()
    deleted = Revision.objects.get(action="deleted")
    assert "Trial" in edda.get(f"{LIST}deleted/").content.decode()
    assert edda.post(f"{LIST}revision/{deleted.pk}/").status_code == 302
    assert revisions.snapshot(draft, ["sections", "faqs", "sources"]) == before
    assert "Trial" not in edda.get(f"{LIST}deleted/").context["title"]
    assert not edda.get(f"{LIST}deleted/").context["revisions"]


@pytest.mark.one_database
def test_each_list_whose_rows_can_be_deleted_links_to_what_was(edda):
    for model, can in {"treatments/page": True, "treatments/photo": True, "questionnaire/outcome": False}.items():
        html = edda.get(f"/admin/{model}/").content.decode()
        assert (f'href="/admin/{model}/deleted/"' in html) is can


@pytest.mark.one_database
def test_a_page_whose_address_is_taken_is_not_restored_and_the_reason_is_said(edda, draft):
    edda.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"})
    Page.objects.create(kind="news", title_it="Altra", slug_it="prova", in_short_it="<p>x</p>")
    deleted = Revision.objects.get(action="deleted")
    answer = edda.post(f"{LIST}revision/{deleted.pk}/", follow=True).content.decode()
    assert "This cannot be restored as it was. Another page of this kind has this address." in answer
    assert not Page.objects.filter(pk=draft.pk).exists()


def test_revisions_age_out_but_the_last_of_each_object_and_deleted_content_sooner(edda, draft):
    other = Page.objects.create(kind="news", title_it="Altra", slug_it="altra", in_short_it="<p>x</p>")
    for title in ("Uno", "Due"):
        save(edda, draft, form_of(edda, draft), title_it=title)
    edda.post(f"{LIST}{other.pk}/delete/", {"post": "yes"})
    assert revisions.forget_old(now=timezone.now()) == 0
    in_a_month = timezone.now() + timedelta(days=settings.KEEP_DELETED_CONTENT_DAYS, hours=1)
    assert revisions.forget_old(now=in_a_month) == 1
    assert revisions.forget_old(now=timezone.now() + timedelta(days=settings.KEEP_REVISION_DAYS + 1)) == 2
    assert [revision.content["fields"]["title_it"] for revision in Revision.objects.all()] == ["Due"]


@pytest.mark.one_database
def test_only_who_may_change_the_pages_sees_their_history(edda, draft, client):
    save(edda, draft, form_of(edda, draft), title_it="Nuovo")
    revision = Revision.objects.first()
    rita = signed_in(make_staff("rita", "reception"))
    for address in (f"{LIST}{draft.pk}/history/", f"{LIST}revision/{revision.pk}/", f"{LIST}deleted/"):
        assert client.get(address).status_code == 302
        assert rita.get(address).status_code == 403
    assert rita.post(f"{LIST}revision/{revision.pk}/").status_code == 403
    assert edda.get(f"/admin/questionnaire/outcome/revision/{revision.pk}/").status_code == 404


def test_old_revisions_are_deleted_by_the_nightly_command(edda, draft, capsys):
    from django.core.management import call_command

    edda.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"})
    with time_machine.travel(timezone.now() + timedelta(days=settings.KEEP_DELETED_CONTENT_DAYS + 1)):
        call_command("forget_sign_ins")
    assert not Revision.objects.exists()
