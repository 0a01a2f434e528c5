"""The texts of the consent in the contact form, one entry per version."""

from datetime import date

from django.urls import reverse
from django.utils.html import format_html

CURRENT = "2026-12"
# The day on which the meaning of the privacy notice (templates/contacts/privacy.html) last changed.
NOTICE_OF = date(2026, 11, 29)
# Never change the text of a version that was in use: add a version. [Brackets] enclose the link to the privacy notice.
TEXTS = {
    "2026-11": {
        "it": (
            "Ho almeno 18 anni (o, se scrivo per un minore, ne esercito la responsabilità genitoriale) e acconsento "
            "a che il centro usi i dati che invio, compresi quelli relativi alla salute, per rispondere alla mia "
            "richiesta, come spiega l'[informativa privacy]."
        ),
        "en": (
            "I am 18 or over (or, if I write about a minor, I hold parental responsibility) and I consent to the "
            "centre using the data I send, including data concerning health, to answer my request, as the "
            "[privacy notice] explains."
        ),
    },
    # The tick is the consent alone; age and parental responsibility are declared beside the button.
    "2026-12": {
        "it": (
            "Acconsento all'uso dei dati che invio, compresi quelli relativi alla salute, per rispondere alla mia "
            "richiesta, come spiega l'[informativa privacy]. Posso revocare il consenso quando voglio."
        ),
        "en": (
            "I consent to the use of the data I send, including data concerning health, to answer my request, as the "
            "[privacy notice] explains. I can withdraw this at any time."
        ),
    },
}


def plain_text(version: str, language: str) -> str:
    """Return the exact text, as the ledger stores it."""
    return TEXTS[version][language].replace("[", "").replace("]", "")


def label(language: str) -> str:
    """Return the current text as HTML with a link that opens the privacy notice in a new tab."""
    before, rest = TEXTS[CURRENT][language].split("[")
    linked, after = rest.split("]")
    return format_html('{}<a href="{}" target="_blank">{}</a>{}', before, reverse("contacts:privacy"), linked, after)
