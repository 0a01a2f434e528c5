"""A draft waits beside what visitors see: saved, opened, previewed, compared, published now or at a date, discarded."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from clinic.editing.publishing import publish_due
from clinic.models import ContentVersion, Revision, revisions
from questionnaire.models import Outcome
from tests.staff import make_staff, signed_in
from tests.treatments.test_page_admin import LIST, draft
from tests.treatments.test_revisions import edda, ezio, form_of, resent, save
from treatments.models import Page, Section

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
__all__ = ["draft", "edda", "ezio"]
NEW = {"sections-1-heading_it": "Nuova", "sections-1-body_it": "<p>Nuova.</p>", "sections-1-position": "2"}


@pytest.fixture
def public(draft):
    """A page that visitors see, with two sections."""
    draft.published_at = timezone.now() - timedelta(days=1)
    draft.save()
    return draft


def save_draft(client, page, **changes):
    return save(client, page, form_of(client, page), **changes, _draft="1")


def button(client, page, name, **fields):
    """Press a button beside the public text."""
    waiting = Revision.draft_of(Page, page.pk)
    fields |= {"draft": waiting.pk if waiting else "0", name: "1"}
    return client.post(f"{LIST}{page.pk}/draft/", fields, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]][-1]


def shown(client, page):
    return client.get(page.address("it")).content.decode()


def test_a_draft_changes_nothing_that_visitors_see_until_it_is_published(edda, ezio, public, client):
    version = ContentVersion.current()
    form = form_of(edda, public) | NEW | {"sections-0-DELETE": "on", "sections-TOTAL_FORMS": "2"}
    answer = edda.post(f"{LIST}{public.pk}/change/", form | {"title_it": "Titolo nuovo", "_draft": "1"}, follow=True)
    assert said(answer).startswith("Saved as a draft: visitors see the page as it was.")
    assert "A draft by edda of" in answer.content.decode()
    assert "Prova" in shown(client, public)
    assert (ContentVersion.current(), Page.objects.get(pk=public.pk).title_it) == (version, "Prova")
    assert "A draft by edda of" in ezio.get(f"{LIST}{public.pk}/change/").content.decode()
    opened = ezio.get(f"{LIST}{public.pk}/draft/").content.decode()
    assert 'value="Titolo nuovo"' in opened
    assert 'name="sections-0-DELETE" id="id_sections-0-DELETE" checked' in opened
    assert "&lt;p&gt;Nuova.&lt;/p&gt;" in opened
    compared = ezio.get(f"{LIST}revision/{Revision.draft_of(Page, public.pk).pk}/").content.decode()
    for words in ("<del>Prova</del>", "<ins>Titolo nuovo</ins>", "section “Nuova”: Text [it]"):
        assert words in compared
    button(ezio, public, "_save")
    html = shown(client, public)
    assert "Titolo nuovo" in html
    assert "<p>Nuova.</p>" in html
    assert list(public.sections.values_list("heading_it", flat=True)) == ["Nuova"]
    assert ContentVersion.current() > version
    assert list(Revision.objects.values_list("action", flat=True)) == ["published", "found"]


def test_a_draft_is_previewed_in_both_languages_and_edited_further(edda, public, client):
    save_draft(edda, public, title_it="Bozza", title_en="Draft text")
    for language, words in {"it": "Bozza", "en": "Draft text"}.items():
        assert words in button(edda, public, f"_preview_{language}").content.decode()
    form = resent(edda.get(f"{LIST}{public.pk}/draft/"))
    first = Revision.draft_of(Page, public.pk)
    edda.post(f"{LIST}{public.pk}/draft/", form | {"draft": first.pk, "title_it": "Bozza seconda", "_draft": "1"})
    assert Revision.draft_of(Page, public.pk).content["fields"]["title_it"] == "Bozza seconda"
    history = edda.get(f"{LIST}{public.pk}/history/").content.decode()
    assert "draft that waits" in history
    assert "draft that was not published" in history
    form = resent(edda.get(f"{LIST}{public.pk}/draft/"))
    draft = {"draft": Revision.draft_of(Page, public.pk).pk}
    assert edda.post(f"{LIST}{public.pk}/draft/", form | draft | {"title_it": "Terza", "_save": "1"}).status_code == 302
    assert "Terza" in shown(client, public)
    assert not Revision.draft_of(Page, public.pk)


def test_what_a_colleague_saved_meanwhile_is_shown_beside_the_draft_and_not_overwritten(edda, ezio, public):
    save_draft(edda, public, title_it="Titolo di Edda", title_en="Edda's title")
    save(ezio, public, form_of(ezio, public), title_it="Titolo di Ezio", summary_it="Riassunto di Ezio")
    assert "The public text was saved after this draft" in edda.get(f"{LIST}{public.pk}/change/").content.decode()
    answer = button(edda, public, "_save")
    assert answer.status_code == 409
    html = answer.content.decode()
    for words in ('value="Titolo di Edda"', '<q class="theirs">Titolo di Ezio</q>', 'value="Riassunto di Ezio"'):
        assert words in html
    assert Page.objects.get(pk=public.pk).title_it == "Titolo di Ezio"
    form = resent(answer) | {"draft": answer.context["shown_draft"].pk, "_save": "1"}
    assert edda.post(f"{LIST}{public.pk}/draft/", form).status_code == 302
    public.refresh_from_db()
    assert (public.title_it, public.title_en) == ("Titolo di Edda", "Edda's title")
    assert public.summary_it == "Riassunto di Ezio"


def test_a_draft_that_a_colleague_saved_meanwhile_is_not_replaced_without_a_word(edda, ezio, public):
    form = form_of(ezio, public)
    save_draft(edda, public, title_it="Bozza di Edda")
    answer = save(ezio, public, form, title_it="Bozza di Ezio", _draft="1")
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "edda has saved another draft" in html
    assert '<q class="theirs">Bozza di Edda</q>' in html
    assert 'value="Bozza di Ezio"' in html
    again = resent(answer) | {"draft": answer.context["shown_draft"].pk, "_draft": "1"}
    assert save(ezio, public, again).status_code == 302
    titles = {each.action: each.content["fields"]["title_it"] for each in Revision.objects.all()}
    assert titles == {"draft": "Bozza di Ezio", "discarded": "Bozza di Edda"}


def test_a_draft_is_published_once_at_its_date_and_says_when(edda, public, client):
    save_draft(edda, public, title_it="Di dicembre")
    answer = button(edda, public, "_schedule", publish_at="2099-12-20T08:00")
    assert said(answer) == "The draft will be published on 20 December 2099 at 08:00."
    assert "It will be published on 20 December 2099 at 08:00." in answer.content.decode()
    moment = Revision.draft_of(Page, public.pk).publish_at
    assert publish_due(now=moment - timedelta(seconds=1)) == 0
    assert [publish_due(now=moment), publish_due(now=moment)] == [1, 0]
    assert "Di dicembre" in shown(client, public)
    published = Revision.objects.get(action="published")
    assert (published.author.username, Revision.draft_of(Page, public.pk)) == ("edda", None)


def test_at_its_date_a_draft_overwrites_nothing_and_the_home_of_the_desk_says_so(edda, ezio, public):
    save_draft(edda, public, title_it="Di Edda")
    button(edda, public, "_schedule", publish_at="2099-12-20T08:00")
    save(ezio, public, form_of(ezio, public), title_it="Di Ezio")
    moment = Revision.draft_of(Page, public.pk).publish_at
    assert publish_due(now=moment) == 0
    assert Page.objects.get(pk=public.pk).title_it == "Di Ezio"
    with time_machine.travel(moment + timedelta(hours=1)):
        home = signed_in(make_staff("emma", "editor")).get("/admin/").content.decode()
    assert f'href="{LIST}{public.pk}/draft/"' in home
    assert "not published on 20 December 2099 at 08:00" in home


def test_a_date_that_has_passed_is_now_and_an_hour_that_never_comes_is_said(edda, public, client):
    save_draft(edda, public, title_it="Subito")
    assert "2027-03-28" in said(button(edda, public, "_schedule", publish_at="2027-03-28T02:30"))
    button(edda, public, "_schedule", publish_at="2026-10-25T02:30")  # comes twice, and has passed
    button(edda, public, "_schedule", publish_at="2098-10-26T02:30")
    assert "Subito" in shown(client, public)


def test_a_draft_that_is_gone_or_whose_page_is_gone_is_a_sentence(edda, public):
    save_draft(edda, public, title_it="Bozza")
    button(edda, public, "_save")
    assert "does not wait any more" in said(button(edda, public, "_save"))
    save_draft(edda, public, title_it="Altra")
    assert "It stays in the history." in said(button(edda, public, "_discard"))
    assert "does not wait any more" in said(button(edda, public, "_save"))
    save_draft(edda, public, title_it="Terza")
    edda.post(f"{LIST}{public.pk}/delete/", {"post": "yes"})
    answer = button(edda, public, "_save")
    assert "This was deleted" in said(answer)
    Revision.objects.filter(action="draft").update(publish_at=timezone.now())
    assert publish_due(now=timezone.now()) == 0
    edda.post(f"{LIST}revision/{Revision.objects.get(action='deleted').pk}/")
    button(edda, public, "_save")
    assert Page.objects.get(pk=public.pk).title_it == "Terza"


def test_a_draft_whose_address_was_taken_meanwhile_is_not_published_and_the_reason_is_said(edda, public):
    public.slug_en = ""
    public.save()
    save_draft(edda, public, slug_en="taken")
    Page.objects.create(kind="news", title_en="Other", slug_en="taken", in_short_en="<p>x</p>")
    Revision.objects.filter(action="draft").update(publish_at=timezone.now())
    assert publish_due(now=timezone.now()) == 0
    for answer in (button(edda, public, "_save"), edda.get(f"{LIST}{public.pk}/draft/")):
        html = answer.content.decode()
        assert "Another page of this kind has this address." in html
        assert 'value="taken"' in html
    assert Revision.draft_of(Page, public.pk)


def test_new_sections_of_a_draft_take_no_row_of_another_page(edda, public):
    form = form_of(edda, public) | NEW | {"sections-TOTAL_FORMS": "2"}
    save(edda, public, form, _draft="1")
    other = Section.objects.create(page=Page.objects.get(kind="home"), anchor_it="x", heading_it="Altrui")
    button(edda, public, "_save")
    other.refresh_from_db()
    assert other.heading_it == "Altrui"
    assert list(public.sections.values_list("heading_it", flat=True)) == ["Titolo", "Nuova"]


def test_a_draft_of_an_outcome_comes_from_the_same_base(edda):
    outcome = Outcome.objects.first()
    address = f"/admin/questionnaire/outcome/{outcome.pk}/"
    form = resent(edda.get(f"{address}change/"))
    assert edda.post(f"{address}change/", form | {"text_it": "Bozza", "_draft": "1"}).status_code == 302
    assert Outcome.objects.get(pk=outcome.pk).text_it != "Bozza"
    draft = Revision.draft_of(Outcome, outcome.pk)
    assert "Bozza" in edda.post(f"{address}draft/", {"draft": draft.pk, "_preview_it": "1"}).content.decode()
    edda.post(f"{address}draft/", {"draft": draft.pk, "_save": "1"})
    assert Outcome.objects.get(pk=outcome.pk).text_it == "Bozza"


def test_a_draft_that_waits_does_not_age_out(edda, public):
    save_draft(edda, public, title_it="Prima")
    save_draft(edda, public, title_it="Bozza")  # answered 409: nothing is replaced
    far = timezone.now() + timedelta(days=settings.KEEP_REVISION_DAYS + 1)
    revisions.forget_old(now=far)
    assert [each.action for each in Revision.objects.all()] == ["draft"]


def test_only_who_may_change_the_page_reaches_its_draft(edda, public, client):
    save_draft(edda, public, title_it="Bozza")
    address = f"{LIST}{public.pk}/draft/"
    assert client.get(address).status_code == 302
    assert signed_in(make_staff("rita", "reception")).get(address).status_code == 403


def test_what_visitors_do_not_see_has_no_draft(edda, draft):
    assert 'name="_draft"' not in edda.get(f"{LIST}{draft.pk}/change/").content.decode()
    assert 'name="_draft"' not in edda.get("/admin/treatments/photo/add/").content.decode()
    save_draft(edda, draft, title_it="Nuovo")
    assert Page.objects.get(pk=draft.pk).title_it == "Nuovo"
