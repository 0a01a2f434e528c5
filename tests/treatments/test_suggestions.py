"""What an update changes in a first text is suggested to editors as a draft; what they wrote stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.models import LoadedSeed, Revision
from questionnaire.content import load_wording
from questionnaire.models import Question
from tests.treatments.test_drafts import button, shown
from tests.treatments.test_revisions import edda, form_of, save
from treatments.content import load_page
from treatments.models import Page

pytestmark = pytest.mark.django_db
__all__ = ["edda"]

SEED = """
kind = "news"
title = { it = "Una notizia", en = "An item" }
slug = { it = "una-notizia", en = "an-item" }
summary = { it = "Riassunto", en = "Summary" }
in_short = { it = "<p>Breve.</p>", en = "<p>Short.</p>" }
"""
SECTION = """
[[sections]]
anchor = {{ it = "{0}", en = "{0}-en" }}
heading = {{ it = "{1}", en = "{1} en" }}
body = {{ it = "<p>{2}</p>", en = "<p>{2} en</p>" }}
"""
FIRST = SEED + SECTION.format("uno", "Uno", "Testo uno.") + SECTION.format("due", "Due", "Testo due.")


@pytest.fixture
def seed(tmp_path):
    """Load a seed file of two sections; return a function that loads it again with other text."""
    path = tmp_path / "news-item.toml"

    def load(text):
        path.write_text(text)
        load_page(path, now=timezone.now() - timedelta(hours=1))
        return Page.objects.filter(slug_it="una-notizia").first()

    load(FIRST)
    return load


def drafts():
    return list(Revision.objects.filter(action=Revision.Action.DRAFT))


def test_a_changed_seed_is_suggested_and_keeps_what_staff_changed(edda, seed, client):
    page = seed(FIRST)
    assert drafts() == []
    save(edda, page, form_of(edda, page), **{"title_it": "Il nostro titolo", "sections-0-heading_it": "Nostro"})
    changed = FIRST.replace("Testo uno", "Testo nuovo").replace("Riassunto", "Riassunto nuovo")
    seed(changed + SECTION.format("tre", "Tre", "Terzo."))
    html = edda.get(f"/admin/treatments/page/{page.pk}/change/").content.decode()
    assert "A draft by an update of the site of" in html
    assert "Testo uno." in shown(client, page)
    button(edda, page, "_save")
    page.refresh_from_db()
    assert (page.title_it, page.summary_it) == ("Il nostro titolo", "Riassunto nuovo")
    sections = list(page.sections.values_list("heading_it", "body_it"))
    assert sections == [("Nostro", "<p>Testo nuovo.</p>"), ("Due", "<p>Testo due.</p>"), ("Tre", "<p>Terzo.</p>")]


def test_a_section_that_the_seed_drops_goes_unless_staff_changed_it_and_a_deleted_one_stays_deleted(edda, seed):
    page = seed(FIRST + SECTION.format("tre", "Tre", "Terzo."))
    button(edda, page, "_save")
    save(edda, page, form_of(edda, page), **{"sections-1-body_it": "<p>Nostro.</p>", "sections-2-DELETE": "on"})
    seed(SEED + SECTION.format("tre", "Tre", "Terzo, nuovo."))
    (draft,) = drafts()
    assert [row["body_it"] for row in draft.content["parts"]["sections"]] == ["<p>Nostro.</p>"]


def test_a_suggestion_is_made_once_and_waits_for_a_draft_of_staff(edda, seed):
    page = seed(FIRST)
    save(edda, page, form_of(edda, page), title_it="Bozza", _draft="1")
    seed(FIRST.replace("Testo uno", "Testo nuovo"))
    assert [draft.author_name() for draft in drafts()] == ["edda"]
    button(edda, page, "_discard")
    for _time in range(2):
        seed(FIRST.replace("Testo uno", "Testo nuovo"))
        assert [draft.author_name() for draft in drafts()] == ["an update of the site"]
    button(edda, page, "_discard")
    seed(FIRST.replace("Testo uno", "Testo nuovo"))
    assert drafts() == []


def test_a_page_that_staff_deleted_gets_no_suggestion(seed):
    seed(FIRST).delete()
    seed(FIRST.replace("Testo uno", "Testo nuovo"))
    assert drafts() == []
    assert not Page.objects.filter(slug_it="una-notizia").exists()


def test_a_site_older_than_suggestions_gets_one_for_each_question_that_reads_otherwise():
    LoadedSeed.objects.update(content=None)
    Question.objects.filter(key="family").update(text_it="La nostra domanda?")
    load_wording(now=timezone.now())
    assert [(draft.model, draft.title) for draft in drafts()] == [("questionnaire.question", "family")]
