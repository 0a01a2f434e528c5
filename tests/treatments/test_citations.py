"""A figure leads to its source and back; a page that names a medicine calls to nothing; who works here is data."""

import json
import re
from html import unescape

import pytest
from django.utils.html import strip_tags

from clinic.facts import facts
from clinic.models import Professional
from treatments.models import Page

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
INFORMATION = {
    "it": ("il-centro", "prima-visita", "costi", "bambini", "domande-frequenti"),
    "en": ("the-centre", "first-visit", "costs", "children", "questions"),
}
PATHS = [f"/{language}/{slug}/" for language, slugs in INFORMATION.items() for slug in slugs]
CALLS = ('id="write"', 'class="contact-form"', 'class="phone-bar"', 'href="#write"', 'href="tel:')


def html_of(client, path):
    return client.get(path).content.decode()


@pytest.mark.parametrize("path", PATHS)
def test_the_pages_that_patients_look_for_are_at_the_language_root_with_one_heading(client, path):
    html = html_of(client, path)
    assert html.count("<h1>") == 1
    assert f'{path}">' in html_of(client, "/sitemap.xml") or path in html_of(client, "/sitemap.xml")


@pytest.mark.parametrize("path", ["/it/vitiligine/", "/en/treatments/risks-of-micropigmentation/", "/en/costs/"])
def test_every_citation_leads_to_its_source_and_every_source_back_to_each_place(client, path):
    html = html_of(client, path)
    there = re.findall(r'<a href="#(source-\d+)" id="(cite-[\d-]+)" aria-label="[^"]+">\[\d+\]</a>', html)
    assert there
    assert len({place for _, place in there}) == len(there)
    for source, place in there:
        entry = re.search(rf'<li id="{source}">.*?</li>', html, re.S)[0]
        assert f'href="#{place}"' in entry
        assert re.search(r'lang="(it|en)"', entry)
    assert set(re.findall(r'<li id="(source-\d+)"', html)) == {source for source, _ in there}
    text = strip_tags(html.partition("<main")[2].partition('id="sources"')[0])
    assert not re.search(r"\([^()<>]*(?:19|20)\d\d\)", text)


def test_brackets_that_are_no_citation_stay_and_markup_in_a_label_is_escaped(client):
    page = Page.objects.get(slug_en="children")
    page.sources.create(text="A text", year=2020, label='X & "Y" 2020')
    page.in_short_en = '<p>One (two 2) and (Unknown 2020) and (X &amp; "Y" 2020).</p>'
    page.save()
    html = html_of(client, "/en/children/")
    assert "One (two 2) and (Unknown 2020)" in html


@pytest.mark.parametrize("path", ["/it/domande-frequenti/", "/en/questions/", "/it/vitiligine/", "/en/treatments/"])
def test_what_search_engines_read_of_a_question_is_what_the_reader_reads(client, path):
    html = html_of(client, path)
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)[1])
    entries = next(node for node in data["@graph"] if "mainEntity" in node)["mainEntity"]
    details = re.findall(r"<details><summary><h3>(.*?)</h3></summary>(.*?)</details>", html, re.S)
    assert len(details) == len(entries) > 0
    for (question, answer), entry in zip(details, entries, strict=True):
        shown = " ".join(unescape(strip_tags(re.sub(r"</(?:p|li)>", " ", answer))).split())
        assert entry["name"] == unescape(question)
        assert entry["acceptedAnswer"]["text"] == shown


def test_answers_of_several_paragraphs_keep_a_space_and_their_characters(client):
    faq = Page.objects.get(slug_en="questions").faqs.first()
    faq.answer_en = "<p>From the sun.</p><p>Call &amp; ask.</p>"
    faq.save()
    assert "From the sun. Call \\u0026 ask." in html_of(client, "/en/questions/")


@pytest.mark.parametrize(
    "path",
    ["/it/trattamenti/", "/en/treatments/", "/it/costi/", "/en/costs/", "/it/notizie/crema-jak-inibitore-vitiligine/"],
)
def test_a_page_that_names_a_prescription_medicine_calls_to_nothing_but_keeps_the_frames_link(client, path):
    html = html_of(client, path)
    assert not [call for call in CALLS if call in html]
    assert f'href="/{path[1:3]}/conta' in html


def test_no_page_with_the_form_names_a_prescription_medicine(client):
    for page in Page.objects.filter(names_medicine=False):
        for path in page.alternates().values():
            html = html_of(client, path)
            assert 'id="write"' in html
            assert not re.search("ruxolitinib|tacrolimus|upadacitinib", html, re.I), path


def test_a_person_shows_only_what_is_filled_in_and_is_a_physician_only_with_a_number(client):
    html = html_of(client, "/it/il-centro/")
    assert "dott.ssa Marina Fantato</h3>" in html
    assert "Physician" not in html
    assert "Lingue:" not in html
    person = Professional.objects.get()
    person.title_it, person.medical_order, person.order_number = "Titolo di prova", "OMCeO Prova", "12345"
    person.save()
    facts.invalidate()
    html = html_of(client, "/it/il-centro/")
    assert "Titolo di prova" in html
    assert "OMCeO Prova, n. 12345" in html
    assert '"@type":"IndividualPhysician"' in html
    assert "OMCeO Prova" in html_of(client, "/it/vitiligine/")  # the footer of every page


def test_reviewer_date_and_reading_time_stand_near_the_title(client):
    Page.objects.filter(slug_it="bambini").update(reviewed_by="dott.ssa Marina Fantato", reviewed_on="2026-11-29")
    top = html_of(client, "/it/bambini/").partition('class="in-short"')[0]
    assert "dott.ssa Marina Fantato, 29 novembre 2026" in top
    assert "minuti di lettura" in top


def test_two_pages_at_the_language_root_cannot_share_an_address():
    page = Page.objects.get(slug_it="bambini")
    twin = Page(kind="condition", slug_it=page.slug_it, slug_en="other", title_it="x", title_en="x")
    with pytest.raises(Exception, match=r"indirizzo|address"):
        twin.full_clean()
