"""Seed pages, templates and translations follow the wording rules of docs/content.md."""

import re
import tomllib
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]

# (pattern, reason, exception: a pattern that the same sentence must contain, or None)
FORBIDDEN = [
    (r"\bnatural(e|i|ly|mente)?\b", "cannot be shown of a pigment or a result", None),
    (r"\bguarantee|\bgarantit[aeio]\b|\bgaranti(amo|sce)\b", "no result can be promised", None),
    (r"\bpainless|\bpain-free|\bindolor[ei]\b|\bsenza (alcun )?dolore", "needles hurt", None),
    (r"\bno ?(one|body) will notice|nessuno (se ne |lo |la |le )?(accorgerà|noterà)", "nobody can promise that", None),
    (r"\binvisib|\bundetectable|\bindistinguibil|\bimpercettibil", "patches become less visible, no more", None),
    (r"\bdefinitiv|\bonce and for all|\buna volta per tutte", "the pigment fades, the disease goes on", None),
    (r"\beliminate[sd]?\b|\belimina(re|no)?\b", "camouflage covers, it removes nothing", None),
    (
        r"\bcure[sd]? (for )?(vitiligo|it|the disease)|\b(cura|guari(re|sce)) (dal)?la (vitiligine|malattia)",
        "vitiligo has no cure today",
        r"\b(not|no|never|non|nessun\w*|mai)\b|\?",
    ),
    (r"\bsafe(ly|st|r)?\b|\btotalmente sicur|\bè sicur[oa]\b(?! che)", "every needle carries a risk", None),
    (
        r"\bmirac(le|ol)|\brevolution|\brivoluzion|\bexclusive|\besclusiv|\bthe best\b|\bi migliori\b",
        "superlative",
        None,
    ),
    (
        r"\bact now|\bbook now|\bbefore it is too late|\bprenot[ai] (ora|subito)|\bnon perda tempo|\baffrett",
        "urgency",
        None,
    ),
    (r"\bfree (first )?(visit|consultation)|\bvisita gratuita|\bdiscount|\bscont[oi]\b|\bspecial offer", "lure", None),
    (r"\bscor(e|es|ing)\b|\bpunteggi", "the questionnaire counts nothing", None),
    (
        r"\bprobabilit|\brisk level|\blivell[oi] di rischio|\bhigh risk|\balto rischio",
        "no forecast about a person",
        None,
    ),
    (r"\bscreening|\bself-?diagnos|\bautodiagnosi|\bautovalutazione", "the questionnaire is no medical device", None),
    (
        r"\b(online|quick|vitiligo|self|our|free)[- ]test\b|\btest (della|sulla|per la|di) vitiligine|\bfai il test",
        "same",
        None,
    ),
    (r"\bsufferer|\bmalat[oi] di\b|\baffett[aeio] da\b", "the person comes first", None),
    (
        r"\b(opzelura|jak[ao]vi|jakafi|protopic|elidel|monoprost|rinvoq|litfulo|dermablend|microskin)\b|[®™]",
        "brand",
        None,
    ),
    (r"\bpsoria", "this is a site about vitiligo", None),
]
# The only places where psoriasis may be named: similar diseases, and what to tell the doctor before a session.
LOOK_ALIKES_AND_CAUTIONS = {("vitiligo.toml", "look-alikes"), ("risks.toml", "when-to-wait")}


def seed_texts():
    for path in sorted((ROOT / "treatments" / "seed").glob("*.toml")):
        page = tomllib.loads(path.read_text(encoding="utf-8"))
        sections = page.pop("sections")
        page.pop("sources", None)
        for part in [page, *sections]:
            place = (path.name, part["anchor"]["en"] if "anchor" in part else "page")
            yield place, " \n".join(leaves(part))


def leaves(node):
    """Yield every string in a node of a page."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from leaves(value)


def template_texts():
    """Yield the visible text of templates: without comments, tags and filters, but with the strings in tags."""
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text(encoding="utf-8"), flags=re.S)
            text = re.sub(r"\{\{.*?\}\}", "", re.sub(r"\{%\s*\w+|%\}|\|\s*\w+", " ", text))
            yield (str(path.relative_to(ROOT)), "template"), text


def translation_texts():
    for path in sorted((ROOT / "locale").rglob("*.po")):
        for entry in polib.pofile(str(path)):
            if not entry.obsolete:
                words = [entry.msgid, entry.msgid_plural, entry.msgstr, *entry.msgstr_plural.values()]
                yield (str(path.relative_to(ROOT)), entry.msgid[:60]), " \n".join(words)


def breaches(text):
    """Yield (reason, sentence) for every forbidden wording in a text."""
    for sentence in re.split(r"(?<=[.!?])\s+|\n|</?(?:p|li|td|th|h\d|div|label|a)\b[^>]*>", text):
        for pattern, why, right_when in FORBIDDEN:
            if re.search(pattern, sentence, re.I) and not (right_when and re.search(right_when, sentence, re.I)):
                yield why, sentence.strip()


@pytest.mark.parametrize("texts", [seed_texts, template_texts, translation_texts], ids=lambda texts: texts.__name__)
def test_no_forbidden_wording(texts):
    found = [
        (place, why, sentence)
        for place, text in texts()
        for why, sentence in breaches(text)
        if not (place in LOOK_ALIKES_AND_CAUTIONS and "psoria" in sentence.lower())
    ]
    assert found == []


def test_the_places_where_psoriasis_may_be_named_exist_and_name_it():
    texts = dict(seed_texts())
    assert all("psoria" in texts[place].lower() for place in LOOK_ALIKES_AND_CAUTIONS)


@pytest.mark.parametrize(
    "sentence",
    [
        "I nostri pigmenti sono naturali.",
        "Our pigments are natural.",
        "A painless session.",
        "Nessuno se ne accorgerà.",
        "Micropigmentation cures vitiligo.",
        "Il trattamento guarisce la vitiligine.",
        "La micropigmentazione cura la malattia.",
        "Risultato garantito.",
        "Doctors specialized in Psoriasis.",
        "Take our vitiligo test.",
        "Your score is high.",
    ],
)
def test_the_rules_find_forbidden_wording(sentence):
    assert list(breaches(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "It does not cure vitiligo.",
        "Does it cure vitiligo?",
        "Nessun trattamento guarisce la vitiligine.",
        "Blood tests for the thyroid.",
        "La pelle guarisce in poche settimane.",
        "Quando le cure per la vitiligine non hanno funzionato.",
        "Il Garante per la protezione dei dati personali.",
    ],
)
def test_the_rules_allow_correct_sentences(sentence):
    assert not list(breaches(sentence))
