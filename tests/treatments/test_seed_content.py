"""The seed pages are complete, alike in both languages, easy to read, flow, and give a source for every figure."""

import re
import tomllib
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "treatments"
SEED = ROOT / "seed"
SOURCES = tomllib.loads((ROOT / "sources.toml").read_text(encoding="utf-8"))
PAGES = {path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(SEED.glob("*.toml"))}
LANGUAGES = ("it", "en")
KINDS = {"home", "overview", "treatment", "condition", "information", "news"}
FIGURES = {None, "skin", "areas", "sessions", "comparison", "visit", "people"}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST = {"title": 120, "summary": 160, "slug": 80, "anchor": 60, "nav": 60, "heading": 120, "question": 200}

BLOCKS = {"p", "li", "h3", "tr", "caption", "blockquote"}
ALLOWED = BLOCKS | {"td", "th", "ul", "ol", "strong", "em", "a", "sup", "table", "thead", "tbody"}
ATTRIBUTES = {"a": {"href"}, "em": {"lang"}, "th": {"scope"}}

FOLDER = {"it": {"overview": "trattamenti/", "treatment": "trattamenti/", "news": "notizie/"}}
FOLDER["en"] = {"overview": "treatments/", "treatment": "treatments/", "news": "news/"}
FORMS = {"it": ("questionario/", "contatti/", "privacy/"), "en": ("questionnaire/", "contact/", "privacy/")}
# Who helps patients, and where anyone checks a doctor.
ELSEWHERE = {
    "https://www.apiafco.org/",
    "https://www.vipoc.org/",
    "https://www.telefonoamico.it/",
    "https://portale.fnomceo.it/cerca-prof/",
}
# A call to action may not stand beside a medicine that wants a prescription: such a page says that it names one.
MEDICINES = re.compile(r"ruxolitinib|tacrolimus|upadacitinib|isotretinoin|mometason|pimecrolimus", re.I)
# Number words are figures too, so that "two studies" cannot become "tre studi".
NUMBER_WORDS = {"it": "due tre quattro cinque sei sette otto nove".split()}
NUMBER_WORDS["en"] = "two three four five six seven eight nine".split()
OUR_EXPERIENCE = {"it": "esperienza del nostro centro", "en": "our centre's experience"}
YEAR = r"(?:19|20)\d\d"
NO_FIGURE = rf"\b{YEAR}\b|\b112\b"  # years and the number of emergencies
LABEL = "|".join(sorted(map(re.escape, SOURCES), key=len, reverse=True))
CITATION = re.compile(rf"\s?\((?:{LABEL})(?:; (?:{LABEL}))*\)")


class Prose(HTMLParser):
    """Splits a body into blocks of plain text and records what the pages may not contain."""

    def __init__(self, html):
        super().__init__()
        self.open, self.blocks, self.prose, self.links, self.faults = [], [], [], [], []
        self.tags = Counter()
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        stray = {name for name, _ in attrs} - ATTRIBUTES.get(tag, set())
        if tag not in ALLOWED or stray:
            self.faults.append(f"<{tag}> {stray or ''} is not allowed")
        if tag in BLOCKS:
            self.blocks.append("")
        self.links += [value for name, value in attrs if name == "href"]
        self.tags[tag] += 1
        self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> does not match")
        if tag in {"td", "th"}:
            self.blocks[-1] += "; "
        if tag in BLOCKS and "table" not in self.open:
            self.prose.append(self.blocks[-1])

    def handle_data(self, data):
        if BLOCKS & set(self.open):
            self.blocks[-1] += data
        elif data.strip():
            self.faults.append(f"text outside a block: {data.strip()!r}")


def bodies(page, language):
    """(name, html) of everything on a page that is read as running text."""
    yield "in short", page["in_short"][language]
    for section in page["sections"]:
        yield section["anchor"]["en"], section["body"][language]
    for faq in page.get("faqs", []):
        yield faq["question"]["en"], f"<p>{faq['question'][language]}</p>{faq['answer'][language]}"


def pairs(node, path=""):
    """(place, pair) of every {it, en} pair of a page."""
    if isinstance(node, dict) and set(node) & set(LANGUAGES):
        yield path, node
    elif isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from pairs(value, f"{path}/{key}")


def known_addresses(language):
    known = ELSEWHERE | {f"/{language}/{form}" for form in FORMS[language]}
    for page in PAGES.values():
        slug = f"{page['slug'][language]}/" if "slug" in page else ""
        address = f"/{language}/{FOLDER[language].get(page['kind'], '')}{slug}"
        known |= {address} | {f"{address}#{section['anchor'][language]}" for section in page["sections"]}
    return known


def figures(html, language):
    """The figures of a text, the same in every language: 35.694 and 0,5 count as 35694 and 0.5."""
    text = " ".join(Prose(html).blocks).replace("twice", "two times")
    thousands, decimal = (r"\.", ",") if language == "it" else (",", ".")
    digits = re.sub(rf"(?<=\d){thousands}(?=\d{{3}}\b)", "", text)
    found = [figure.replace(decimal, ".") for figure in re.findall(r"\d+(?:[.,]\d+)*", digits)]
    words = NUMBER_WORDS[language]
    return Counter(found + [str(words.index(word) + 2) for word in re.findall(r"\w+", text.lower()) if word in words])


def syllables(word):
    """Vowel groups less the silent e: within 0.4 grades of the CMU dictionary on these pages (measured once)."""
    word = re.sub(r"[^a-z]", "", word.lower())
    count = len(re.findall(r"[aeiouy]+", word)) + len(re.findall(r"i[ao]|eo|ying|sm$", word))
    count -= len(re.findall(r"[tscg]i[ao]|[^aeiouyl]e$|[aeiouy]le$", word))
    count -= len(re.findall(r"[^aeiouytd]ed$|[^aeiouyscxzhgl]es$", word))
    return max(1, count)


def sentences_of(page, language):
    """The running text as lists of words, one per sentence; every block ends its sentence, tables stay out.

    Citations are no words: the reader sees a small number.
    """
    read = [CITATION.sub("", html).replace("Dr.", "Dr") for _, html in bodies(page, language)]
    blocks = [block for html in read for block in Prose(html).prose]
    pieces = [piece for block in blocks for piece in re.split(r"[.!?]+(?=\W|$)", block)]
    return [words for piece in pieces if (words := re.findall(r"\d[\d.,/]*|[^\W\d_]+", piece))]


def readability(sentences, language):
    """The Gulpease index of Italian, the Flesch-Kincaid grade of English."""
    words = [word for sentence in sentences for word in sentence]
    pace = len(words) / len(sentences)
    if language == "it":
        return 89 + 300 / pace - 10 * sum(map(len, words)) / len(words)
    return 0.39 * pace + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_all_its_parts_in_both_languages(name):
    page = PAGES[name]
    assert page["kind"] in KINDS
    assert ("slug" in page) == (page["kind"] not in {"home", "overview"})
    assert ("published_on" in page) == (page["kind"] == "news")
    assert {"title", "summary", "in_short", "sections"} <= set(page)
    assert all({"anchor", "nav", "heading", "body"} <= set(section) for section in page["sections"])
    assert {section.get("figure") for section in page["sections"]} <= FIGURES
    for place, pair in pairs(page):
        longest = LONGEST.get(place.rpartition("/")[2], 10_000)
        assert all(0 < len(pair.get(language, "").strip()) <= longest for language in LANGUAGES), place
    for language in LANGUAGES:
        anchors = [section["anchor"][language] for section in page["sections"]]
        assert len(set(anchors)) == len(anchors)
        all_slugs = [other["slug"][language] for other in PAGES.values() if "slug" in other]
        assert len(set(all_slugs)) == len(all_slugs)
        assert all(SLUG.fullmatch(slug) for slug in [*anchors, page.get("slug", {}).get(language, "x")])


def test_every_source_says_what_it_is_and_is_cited_somewhere():
    everything = " ".join(html for page in PAGES.values() for _, html in bodies(page, "it"))
    for label, source in SOURCES.items():
        assert 0 < len(label) <= 40
        assert label in everything, label
        assert str(source["year"]) in label + source["text"], label
        assert 0 < len(source["text"]) <= 300
        assert source.get("url", "https://").startswith("https://")
        assert source.get("language", "en") in LANGUAGES
        assert set(source.get("note", dict.fromkeys(LANGUAGES))) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_the_html_is_well_formed_plain_and_links_to_pages_that_exist(name, language):
    for part, html in bodies(PAGES[name], language):
        prose = Prose(html)
        assert not prose.faults, part
        assert set(prose.links) <= known_addresses(language), part


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_have_the_same_facts(name):
    for (part, italian), (_, english) in zip(bodies(PAGES[name], "it"), bodies(PAGES[name], "en"), strict=True):
        assert figures(italian, "it") == figures(english, "en"), part
        assert Prose(italian).tags == Prose(english).tags, part


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_every_figure_has_a_source_or_our_experience(name, language):
    for part, html in bodies(PAGES[name], language):
        for block in Prose(html).blocks:
            rest = CITATION.sub("", block)
            assert not re.search(rf"\([^()]*{YEAR}\)", rest), f"{part}: cites what is no known source: {rest}"
            if re.search(r"\d", re.sub(NO_FIGURE, "", rest)):
                assert rest != block or OUR_EXPERIENCE[language] in block, f"{part}: {block}"


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_cite_the_same_sources_in_the_same_parts(name):
    for (part, italian), (_, english) in zip(bodies(PAGES[name], "it"), bodies(PAGES[name], "en"), strict=True):
        assert Counter(CITATION.findall(italian)) == Counter(CITATION.findall(english)), part


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_names_a_prescription_medicine_says_so_and_calls_to_nothing(name):
    page = PAGES[name]
    names_one = any(MEDICINES.search(html) for language in LANGUAGES for _, html in bodies(page, language))
    assert page.get("names_medicine", False) == names_one
    for language in LANGUAGES:
        calls = {f"/{language}/{form}" for form in FORMS[language][:2]}
        links = {link for _, html in bodies(page, language) for link in Prose(html).links}
        assert not (names_one and calls & links)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_says_call_us_since_the_centre_may_have_no_number(name):
    text = " ".join(html for language in LANGUAGES for _, html in bodies(PAGES[name], language))
    assert not re.search(r"\bcall (us|our)|\b(ci|nel) chiam|chiamarci|telefon(arci|ateci)", text, re.I)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_mentions_stability_and_the_koebner_phenomenon(name):
    for language, stable in (("it", "stabil"), ("en", "stable")):
        text = " ".join(html for _, html in bodies(PAGES[name], language))
        assert stable in text
        assert "Koebner" in text


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_easy_to_read(name):
    italian, english = (sentences_of(PAGES[name], language) for language in LANGUAGES)
    ease, grade = readability(italian, "it"), readability(english, "en")
    print(f"\n{name:24} Gulpease {ease:.1f}, grade {grade:.1f}, {sum(map(len, italian + english))} words in all")
    assert ease >= 60
    assert grade <= 7
    assert [" ".join(sentence) for sentence in italian + english if len(sentence) > 25] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_the_prose_flows(name, language):
    """Sentences of six words in a row read like flash cards (docs/content.md, wording rules)."""
    lengths = [len(sentence) for sentence in sentences_of(PAGES[name], language)]
    mean, short = sum(lengths) / len(lengths), sum(length < 7 for length in lengths) / len(lengths)
    print(f"\n{name:24} {language} {sum(lengths):5} words, mean {mean:.1f}, under seven {short:.0%}")
    assert 11 <= mean <= 13
    assert short <= 0.2
