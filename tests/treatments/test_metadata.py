"""Metadata for search engines: canonical URLs, hreflang, sitemap, feed and structured data."""

import json
import re
from datetime import timedelta
from html import unescape
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.utils import timezone

from treatments.models import Faq, Page
from treatments.structured_data import script

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PAGES = [
    *("/it/", "/en/", "/it/vitiligine/", "/en/vitiligo/", "/it/trattamenti/", "/en/treatments/"),
    *("/it/trattamenti/micropigmentazione/", "/en/treatments/micropigmentation/", "/it/notizie/", "/en/news/"),
    *("/it/questionario/", "/en/questionnaire/", "/it/contatti/", "/en/contact/"),
    *("/it/privacy/", "/en/privacy/", "/it/accessibilita/", "/en/accessibility/"),
]
# The terms of schema.org that we use: a type, its parent types, and the properties it defines itself.
VOCABULARY = {
    "Thing": ((), "name description url"),
    "CreativeWork": (
        ("Thing",),
        "about audience citation datePublished headline inLanguage isPartOf mainEntity publisher text",
    ),
    "WebSite": (("CreativeWork",), ""),
    "WebPage": (("CreativeWork",), "lastReviewed reviewedBy specialty breadcrumb"),
    "MedicalWebPage": (("WebPage",), "aspect medicalAudience"),
    "FAQPage": (("WebPage",), ""),
    "Article": (("CreativeWork",), "articleBody mainEntityOfPage"),
    "Question": (("CreativeWork",), "acceptedAnswer"),
    "Answer": (("CreativeWork",), ""),
    "MedicalEntity": (("Thing",), "relevantSpecialty code"),
    "MedicalCondition": (("MedicalEntity",), "signOrSymptom possibleTreatment"),
    "MedicalProcedure": (("MedicalEntity",), "bodyLocation procedureType"),
    "Organization": (("Thing",), "address telephone email legalName vatID"),
    "MedicalClinic": (("Organization",), "medicalSpecialty openingHoursSpecification availableService"),
    "PostalAddress": (("Thing",), "streetAddress postalCode addressLocality addressCountry"),
    "OpeningHoursSpecification": (("Thing",), "dayOfWeek opens closes"),
    "Person": (("Thing",), ""),
    "Patient": (("Person",), "diagnosis"),
    "BreadcrumbList": (("Thing",), "itemListElement"),
    "ListItem": (("Thing",), "position item"),
}


def properties_of(name):
    parents, own = VOCABULARY[name]
    return set(own.split()).union(*(properties_of(parent) for parent in parents))


def nodes(value):
    if isinstance(value, list):
        for each in value:
            yield from nodes(each)
    elif isinstance(value, dict):
        yield value
        for each in value.values():
            yield from nodes(each)


def data_of(html):
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])


def alternates_of(html):
    return dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', html))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_a_canonical_url_and_alternates_that_refer_to_each_other(client, path):
    html = client.get(path).content.decode()
    assert f'<link rel="canonical" href="{settings.SITE_URL}{path}">' in html
    others = alternates_of(html)
    assert set(others) == {"it", "en", "x-default"}
    assert others["x-default"] == others["it"]
    for address in others.values():
        there = client.get(address.removeprefix(settings.SITE_URL))
        assert there.status_code == 200
        assert alternates_of(there.content.decode()) == others


@pytest.mark.parametrize("path", PAGES)
def test_open_graph_tags_repeat_title_and_description(client, path):
    html = client.get(path).content.decode()
    title, description = (
        re.search(r"<title>(.*?) · ", html)[1],
        re.search(r'name="description" content="(.*?)"', html)[1],
    )
    assert f'<meta property="og:title" content="{title}">' in html
    assert f'<meta property="og:description" content="{description}">' in html
    assert 20 <= len(description) <= 200
    assert f'<meta property="og:image" content="{settings.SITE_URL}/static/img/' in html


def test_a_page_with_noindex_has_no_canonical_url(client):
    html = client.get("/it/non-esiste/").content.decode()
    assert "noindex" in html
    assert "canonical" not in html
    outcome = client.post("/it/questionario/", {"diagnosed": "no", "family": "no", "patches": "no"}).content.decode()
    assert "noindex" in outcome
    assert "canonical" not in outcome


def test_a_page_in_one_language_has_no_alternate_in_the_other(client):
    Page.objects.filter(slug_it="vitiligine").update(title_en="", in_short_en="")
    others = alternates_of(client.get("/it/vitiligine/").content.decode())
    assert set(others) == {"it", "x-default"}


def test_the_sitemap_lists_every_public_page_with_its_alternates(client):
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    Page.objects.filter(slug_it="micropigmentazione").update(published_at=None)
    tree = ElementTree.fromstring(client.get("/sitemap.xml").content)
    found = {url.find("s:loc", names).text: url for url in tree.findall("s:url", names)}
    listed = {address.removeprefix(settings.SITE_URL) for address in found}
    assert set(PAGES) - listed == {"/it/trattamenti/micropigmentazione/", "/en/treatments/micropigmentation/"}
    for address, url in found.items():
        html = client.get(address.removeprefix(settings.SITE_URL)).content.decode()
        links = {link.get("hreflang"): link.get("href") for link in url.findall("x:link", names)}
        assert links == alternates_of(html)


@pytest.mark.parametrize("path", [path for path in PAGES if re.match(r"/../(vitil|tratt|treat|$)", path)])
def test_structured_data_uses_schema_org_terms_and_states_only_what_the_page_shows(client, path):
    html = client.get(path).content.decode()
    data = data_of(html)
    assert data["@context"] == "https://schema.org"
    for node in nodes(data["@graph"]):
        own = {key for key in node if not key.startswith("@")}
        kinds = node.get("@type", [])
        allowed = set().union(*(properties_of(kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)))
        assert own <= allowed, node
        assert kinds or set(node) == {"@id"}
    text = " ".join(re.sub(r"<[^>]+>", " ", html.split("</head>")[1]).split())

    shown = re.sub(r"\W+", "", unescape(text))
    for question in (node for node in nodes(data["@graph"]) if node.get("@type") == "Question"):
        assert re.sub(r"\W+", "", question["name"] + question["acceptedAnswer"]["text"]) in shown


def test_each_kind_of_page_has_its_schema_org_types(client):
    kinds = {}
    for path in ("/it/", "/it/vitiligine/", "/it/trattamenti/micropigmentazione/"):
        found = nodes(data_of(client.get(path).content.decode())["@graph"])
        types = [node.get("@type", []) for node in found]
        kinds[path] = {kind for each in types for kind in ([each] if isinstance(each, str) else each)}
    assert {"MedicalClinic", "WebSite", "PostalAddress"} <= kinds["/it/"]
    assert {"MedicalWebPage", "MedicalCondition", "BreadcrumbList", "FAQPage"} <= kinds["/it/vitiligine/"]
    assert {"MedicalProcedure", "BreadcrumbList"} <= kinds["/it/trattamenti/micropigmentazione/"]
    item = Page.objects.filter(kind="news").first()
    assert '"Article"' in client.get(item.address("it")).content.decode()


def test_no_text_of_an_editor_can_close_the_script_element(client):
    page = Page.objects.get(slug_it="vitiligine")
    hostile = "</script><script>alert(1)</script><!--"
    Faq.objects.create(page=page, position=99, question_it=hostile, answer_it="<p>x</p>")
    html = client.get("/it/vitiligine/").content.decode()
    assert "<script>alert" not in html
    assert hostile in json.dumps(data_of(html), ensure_ascii=False)
    assert "<" not in script({"a": hostile}).removeprefix('<script type="application/ld+json">').removesuffix(
        "</script>"
    )


@pytest.mark.parametrize(("path", "word"), [("/it/notizie/", "Vitiligine"), ("/en/news/", "itiligo")])
def test_each_language_has_a_feed_of_its_public_news(client, path, word):
    Page.objects.create(
        kind="news", title_it="Bozza", title_en="Draft", slug_it="bozza", slug_en="draft",
        in_short_it="x", in_short_en="x", published_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    response = client.get(f"{path}feed.atom")
    assert response["Content-Type"].startswith("application/atom+xml")
    atom = {"a": "http://www.w3.org/2005/Atom"}
    feed = ElementTree.fromstring(response.content)
    links = [entry.find("a:link", atom).get("href") for entry in feed.findall("a:entry", atom)]
    assert len(links) == Page.objects.public(language="it").filter(kind="news").count()
    assert all(client.get(link.removeprefix(settings.SITE_URL)).status_code == 200 for link in links)
    assert word in response.content.decode()
    assert "Cookie" not in response.get("Vary", "")
