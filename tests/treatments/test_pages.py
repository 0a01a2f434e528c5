import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone, translation

from treatments.models import Page

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def make_page(**changes):
    words = {f"{name}_{language}": f"{name} {language}" for name in ("title", "in_short") for language in ("it", "en")}
    fields = {"kind": "news", "published_at": timezone.now(), "slug_it": "nuova", "slug_en": "new"} | words | changes
    page = Page(**fields)
    with translation.override("it"):
        page.full_clean()
    page.save()
    return page


@pytest.mark.parametrize("published_at", [None, timezone.now() + timedelta(hours=1)])
def test_a_draft_or_scheduled_page_is_not_public(client, published_at):
    make_page(published_at=published_at)
    assert client.get("/it/notizie/nuova/").status_code == 404


@pytest.mark.parametrize("number", [0, 2, 10**20])
def test_a_page_number_out_of_range_is_not_found(client, number):
    assert client.get(f"/it/notizie/pagina/{number}/").status_code == 404


def test_the_card_of_a_scheduled_page_appears_at_its_time(client, monkeypatch):
    make_page(published_at=timezone.now() + timedelta(hours=1))
    path = "/it/vitiligine/"
    assert "title it" not in client.get(path).content.decode()
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert "title it" in client.get(path).content.decode()


def test_a_page_shows_cards_of_the_newest_three_news(client):
    now = timezone.now()
    for number in range(4):
        slugs = {"slug_it": f"nuova-{number}", "slug_en": f"new-{number}"}
        make_page(published_at=now - timedelta(minutes=number), title_it=f"title {number}", **slugs)
    html = client.get("/it/vitiligine/").content.decode()
    assert [number for number in range(4) if f"title {number}" in html] == [0, 1, 2]


def test_a_page_without_a_slug_is_on_no_list_and_breaks_none(client):
    make_page()
    Page.objects.filter(slug_it="nuova").update(slug_it="")
    for path in ("/it/notizie/", "/it/vitiligine/", "/it/notizie/feed.atom", "/sitemap.xml"):
        response = client.get(path)
        assert response.status_code == 200
        assert "title it" not in response.content.decode()


def test_cards_show_only_pages_written_in_the_language(client):
    make_page(title_en="", in_short_en="")
    assert "title it" not in client.get("/en/vitiligo/").content.decode()
    assert "title it" in client.get("/it/vitiligine/").content.decode()


def test_a_page_not_written_in_english_is_not_found_there_and_the_language_link_leads_to_the_overview(client):
    make_page(title_en="", in_short_en="")
    html = client.get("/it/notizie/nuova/").content.decode()
    assert '<a href="/en/news/" hreflang="en"' in html
    assert client.get("/en/news/new/").status_code == 404
    assert "title it" not in client.get("/en/news/").content.decode()


def test_the_second_page_of_the_news_links_to_a_page_that_exists_in_the_other_language(client):
    for number in range(12):
        words = {"title_en": "", "in_short_en": ""}
        make_page(slug_it=f"nuova-{number}", slug_en=f"new-{number}", **words)
    html = client.get("/it/notizie/pagina/2/").content.decode()
    assert '<a href="/en/news/" hreflang="en"' in html
    assert "/en/news/page/2/" not in html
    for number in range(12):
        make_page(slug_it=f"altra-{number}", slug_en=f"other-{number}")
    assert '<a href="/en/news/page/2/" hreflang="en"' in client.get("/it/notizie/pagina/2/").content.decode()


@pytest.mark.parametrize("path", ["/it/vitiligine/", "/en/treatments/micropigmentation/", "/it/notizie/nuova/"])
def test_every_page_leads_to_the_three_questions_before_its_sources(client, path):
    make_page()
    html = client.get(path).content.decode()
    assert re.search(r'class="next-step".*?href="/(it/questionario|en/questionnaire)/"', html, re.S)
    assert html.index('class="next-step"') < (html + 'id="sources"').index('id="sources"')


@pytest.mark.parametrize("slug", ["questionario", "contact", "admin", "news"])
def test_a_condition_cannot_have_the_address_of_another_part_of_the_site(slug):
    with pytest.raises(ValidationError):
        make_page(kind="condition", slug_it=slug)


def test_a_page_written_in_a_language_needs_an_address_there():
    with pytest.raises(ValidationError):
        make_page(slug_en="")


def test_content_is_loaded_once_and_never_overwrites_what_staff_wrote_or_deleted():
    page = Page.objects.get(slug_it="micropigmentazione")
    page.title_it = "Riscritto"
    page.save()
    Page.objects.filter(kind="news").delete()
    before = Page.objects.count()
    call_command("load_content", verbosity=0)
    assert Page.objects.count() == before
    assert Page.objects.get(slug_it="micropigmentazione").title_it == "Riscritto"


def test_the_table_of_contents_links_to_every_section(client):
    html = client.get("/it/trattamenti/micropigmentazione/").content.decode()
    for section in Page.objects.get(slug_it="micropigmentazione").sections.all():
        assert f'<a href="#{section.anchor_it}">' in html
        assert f'<section id="{section.anchor_it}">' in html


def test_a_review_is_shown_only_if_a_reviewer_is_named(client):
    assert 'class="reviewed"' not in client.get("/it/vitiligine/").content.decode()
    with pytest.raises(ValidationError):
        make_page(reviewed_by="Somebody")
