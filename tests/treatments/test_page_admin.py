"""Editors edit the pages: preview before publishing, fixed addresses, a list that shows what is missing."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.forms import DateTimeInput
from django.utils import timezone

from clinic.models import ContentVersion
from tests.staff import make_staff, signed_in
from treatments.admin.part_forms import RESERVED_ANCHORS, RESERVED_NUMBERS
from treatments.models import Page, Section

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
LIST = "/admin/treatments/page/"


@pytest.fixture
def editor():
    return signed_in(make_staff("edda", "editor"))


@pytest.fixture
def draft():
    page = Page.objects.create(
        kind="news", title_it="Prova", title_en="Trial", slug_it="prova", slug_en="trial",
        in_short_it="<p>Breve.</p>", in_short_en="<p>Short.</p>",
    )  # fmt: skip
    Section.objects.create(page=page, position=1, anchor_it="a", heading_it="Titolo", body_it="<p>Testo.</p>")
    return page


def filled_form(editor, page, **changes):
    """Return what the page's form would send, with `changes`."""
    form = editor.get(f"{LIST}{page.pk}/change/").context
    data = {}
    forms = [form["adminform"].form, *(part for inline in form["inline_admin_formsets"] for part in inline.formset)]
    forms += [inline.formset.management_form for inline in form["inline_admin_formsets"]]
    for each in forms:
        for field in each:
            value = field.value()
            widget = field.field.widget
            value = widget.format_value(value) if isinstance(widget, DateTimeInput) else value
            data[field.html_name] = "" if value is None else value
    return data | changes


def test_a_preview_shows_what_is_not_saved_and_saves_nothing(editor, draft):
    version = ContentVersion.current()
    changes = {"sections-0-body_it": "<p>Parole nuove.</p>", "_preview_it": "1"}
    response = editor.post(f"{LIST}{draft.pk}/change/", filled_form(editor, draft, **changes))
    assert response.status_code == 200
    assert "<p>Parole nuove.</p>" in response.content.decode()
    assert "noindex" in response.content.decode()
    assert draft.sections.get().body_it == "<p>Testo.</p>"
    assert ContentVersion.current() == version


def test_a_previewed_change_shows_on_no_list_of_the_public_site(editor, draft, client):
    draft.published_at = timezone.now() - timedelta(days=1)
    draft.save()
    form = filled_form(editor, draft, title_it="Parole riservate", _preview_it="1")
    assert "Parole riservate" in editor.post(f"{LIST}{draft.pk}/change/", form).content.decode()
    for address in ("/it/notizie/", "/it/"):
        page = client.get(address).content.decode()
        assert "Prova" in page
        assert "Parole riservate" not in page


def test_publishing_makes_the_page_public_and_bumps_the_content_version(editor, draft, client):
    version = ContentVersion.current()
    assert client.get("/it/notizie/prova/").status_code == 404
    editor.post(f"{LIST}{draft.pk}/change/", filled_form(editor, draft, _publish="1"))
    assert "<p>Testo.</p>" in client.get("/it/notizie/prova/").content.decode()
    assert ContentVersion.current() > version


def test_formatted_text_is_sanitized_before_it_is_stored(editor, draft):
    hostile = {"sections-0-body_it": '<p onclick="x">Testo</p><script>alert(1)</script>', "_save": "1"}
    editor.post(f"{LIST}{draft.pk}/change/", filled_form(editor, draft, **hostile))
    assert draft.sections.get().body_it == "<p>Testo</p>"


def test_the_slug_of_a_public_page_is_fixed_and_an_empty_one_can_be_filled_in(editor, draft):
    draft.published_at, draft.slug_en = timezone.now() - timedelta(days=1), ""
    draft.save()
    fields = filled_form(editor, draft, slug_it="altro", slug_en="other", _save="1")
    assert editor.post(f"{LIST}{draft.pk}/change/", fields).status_code == 302
    draft.refresh_from_db()
    assert (draft.slug_it, draft.slug_en) == ("prova", "other")


@pytest.mark.parametrize("kind", ["home", "overview"])
def test_a_page_at_a_fixed_address_is_saved_without_a_slug(editor, kind):
    page = Page.objects.get(kind=kind)
    form = filled_form(editor, page, title_it="Un altro titolo")
    assert not [name for name in form if name.startswith("slug")]
    assert editor.post(f"{LIST}{page.pk}/change/", form).status_code == 302
    page.refresh_from_db()
    assert page.title_it == "Un altro titolo"


def test_the_list_shows_what_is_missing_and_what_is_due(editor, draft):
    draft.next_review = date(2020, 1, 31)
    draft.title_en = ""
    draft.save()
    page = editor.get(LIST).content.decode()
    assert "draft" in page
    assert "not written" in page
    assert "due since" in page


def test_only_staff_who_may_view_pages_see_a_preview(client, draft):
    address = f"{LIST}{draft.pk}/preview/it/"
    assert client.get(address).status_code == 302
    assert signed_in(make_staff("rita", "reception")).get(address).status_code == 403
    assert signed_in(make_staff("olga", "owner")).get(address).status_code == 200


def test_a_preview_in_an_unknown_language_is_not_found(editor, draft):
    assert editor.get(f"{LIST}{draft.pk}/preview/de/").status_code == 404


def test_the_import_map_of_the_editor_carries_the_nonce_of_the_policy(editor, draft):
    response = editor.get(f"{LIST}{draft.pk}/change/")
    nonce = response["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
    assert f'<script type="importmap" nonce="{nonce}">' in response.content.decode()
    assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("typed", ["CITTÀ", "citta", "città l'estate", "l’estate", "citta'", "ESTATE città"])
def test_a_search_finds_a_title_however_it_is_typed(editor, draft, typed):
    Page.objects.filter(pk=draft.pk).update(title_it="La città d'inverno e l’Estate")
    found = editor.get(LIST, {"q": typed}).context["cl"].result_list
    assert [page.pk for page in found] == [draft.pk]


def test_a_search_for_what_no_title_has_finds_nothing(editor, draft):
    assert list(editor.get(LIST, {"q": "prova inesistente"}).context["cl"].result_list) == []


def test_a_page_without_a_title_in_the_language_of_the_desk_shows_the_other_with_its_language(editor, draft):
    Page.objects.filter(pk=draft.pk).update(title_en="", title_it="Solo italiano")
    assert '<span lang="it">Solo italiano (it)</span>' in editor.get(LIST).content.decode()
    Page.objects.filter(pk=draft.pk).update(title_it=None)
    assert "page without a title" in editor.get(LIST).content.decode()


@pytest.mark.parametrize(
    "moment", ["2026-10-25T00:30:17+00:00", "2026-10-25T01:30:17+00:00", "2026-05-01T10:00:42+00:00"]
)
def test_a_moment_that_is_not_touched_stays_as_it_is(editor, draft, moment):
    draft.published_at = datetime.fromisoformat(moment)
    draft.save()
    response = editor.post(f"{LIST}{draft.pk}/change/", filled_form(editor, draft, author="Edda"))
    assert response.status_code == 302
    draft.refresh_from_db()
    assert (draft.published_at, draft.author) == (datetime.fromisoformat(moment), "Edda")


def test_an_hour_that_comes_twice_is_the_first_and_one_that_never_comes_is_an_error(editor, draft):
    address = f"{LIST}{draft.pk}/change/"
    assert editor.post(address, filled_form(editor, draft, published_at="2026-10-25T02:30")).status_code == 302
    draft.refresh_from_db()
    assert draft.published_at == datetime.fromisoformat("2026-10-25T02:30+02:00")
    assert editor.post(address, filled_form(editor, draft, published_at="2027-03-28T02:30")).status_code == 200


def saved(editor, page, **changes):
    """Save the page's form; return what the desk says then, as text."""
    response = editor.post(f"{LIST}{page.pk}/change/", filled_form(editor, page, **changes), follow=True)
    return [str(message) for message in response.context["messages"]][-1]


def test_a_save_says_where_the_page_is_visible_or_from_when(editor, draft):
    assert saved(editor, draft) == "Saved as a draft: visitors do not see it. "
    said = saved(editor, draft, published_at="2099-12-20T08:00")
    assert said.startswith("Saved: it will appear on 20 December 2099 at 08:00.")
    said = saved(editor, draft, published_at="2020-12-20T08:00", in_short_en="")
    assert '<a href="/it/notizie/prova/" hreflang="it" lang="it">Italiano</a>' in said
    assert "/en/" not in said
    assert "Missing in English: in short." in said


def test_publishing_a_page_that_visitors_cannot_see_says_that_it_is_a_draft_and_why(editor, draft):
    said = saved(editor, draft, _publish="1", in_short_it="", in_short_en="")
    assert said == (
        "Saved as a draft: visitors do not see it. Missing in Italian: in short. Missing in English: in short."
    )
    draft.refresh_from_db()
    assert draft.published_at is None


def test_kind_and_address_stay_free_until_visitors_can_see_the_page(editor, draft):
    draft.published_at, draft.in_short_it, draft.in_short_en = timezone.now() - timedelta(days=1), "", ""
    draft.save()
    fields = filled_form(editor, draft, slug_it="altro", kind="condition")
    assert editor.post(f"{LIST}{draft.pk}/change/", fields).status_code == 302
    draft.refresh_from_db()
    assert (draft.slug_it, draft.kind) == ("altro", "condition")


def test_the_address_of_a_new_page_is_made_from_its_title(editor):
    html = editor.get(f"{LIST}add/").content.decode()
    assert "#id_slug_it" in html
    assert "#id_title_it" in html


def new_section(index, **words):
    return {f"sections-{index}-{name}": value for name, value in ({"position": "0"} | words).items()}


def test_a_new_section_comes_last_with_an_anchor_from_its_heading_that_is_its_own(editor, draft):
    draft.sections.update(position=7, anchor_it="titolo")
    form = filled_form(editor, draft) | {"sections-TOTAL_FORMS": "4"}
    for index, heading in enumerate(("Titolo", "Menu", "Perché sì"), start=1):
        form |= new_section(index, heading_it=heading, body_it="<p>x</p>")
    assert editor.post(f"{LIST}{draft.pk}/change/", form).status_code == 302
    anchors = draft.sections.values_list("position", "anchor_it")
    assert list(anchors) == [(7, "titolo"), (8, "titolo-2"), (9, "menu-2"), (10, "perche-si")]


@pytest.mark.parametrize("typed", ["main", "a"])
def test_an_anchor_that_the_page_or_another_section_has_is_refused_in_words(editor, draft, typed):
    form = filled_form(editor, draft) | {"sections-TOTAL_FORMS": "2"}
    form |= new_section(1, heading_it="Due", body_it="<p>x</p>", anchor_it=typed)
    response = editor.post(f"{LIST}{draft.pk}/change/", form)
    assert response.status_code == 200
    assert "This anchor is taken on this page" in response.content.decode()
    assert '<a href="#id_sections-1-anchor_it">' in response.content.decode()


def test_every_id_of_the_frame_is_reserved(client):
    html = client.get("/it/vitiligine/").content.decode()
    anchors = set(Section.objects.values_list("anchor_it", flat=True))
    of_fields_and_figures = re.compile("contact_|div_|hint_|(figure|areas|sessions|skin|comparison)-")
    ids = {found for found in re.findall(r' id="([^"]+)"', html) if not of_fields_and_figures.match(found)}
    assert {found for found in ids - anchors - RESERVED_ANCHORS if not RESERVED_NUMBERS.fullmatch(found)} == set()


@pytest.mark.parametrize("number", ["x", "-1", "1e3", "9" * 5_000, "1000"])
@pytest.mark.parametrize("field", ["sections-TOTAL_FORMS", "sections-INITIAL_FORMS"])
def test_a_number_of_sections_that_no_form_sends_is_a_bad_request_and_changes_nothing(editor, draft, field, number):
    form = filled_form(editor, draft) | {"title_it": "Dopo", field: number}
    assert editor.post(f"{LIST}{draft.pk}/change/", form).status_code == 400
    assert Page.objects.get(pk=draft.pk).title_it == draft.title_it
