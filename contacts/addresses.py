"""Cleans, judges and normalises email addresses, and computes the digest by which the leads of one are found."""

import re
import unicodedata
from contextlib import suppress
from email.utils import getaddresses
from urllib.parse import unquote

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.encoding import punycode
from django.utils.translation import gettext, gettext_lazy

from clinic.encryption.fields import keyed_digest
from clinic.text import is_visible

# Django accepts localhost; no mail server can be found for it, nor for the other names that are never registered.
is_valid = EmailValidator(allowlist=[])
NO_MAIL = re.compile(r"(?:^|\.)(?:localhost|localdomain|local|invalid|\d+)$", re.IGNORECASE)
# Full-width and small forms, and ligatures such as the fi of a PDF.
FORMS = re.compile("[\ufb00-\ufb06\ufe50-\ufe6b\uff01-\uff9f\u3002]")
IN_BRACKETS = re.compile(r"<([^<>]*@[^<>]*)>|\[(mailto:[^\[\]]*)\]|\(([^()\s]+@[^()\s]+)\)", re.IGNORECASE)
MAILTO = re.compile(r"mailto:\s*(?://)?([^?]*).*", re.IGNORECASE | re.DOTALL)
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]")
NAMED = {
    " ": gettext_lazy("a space"),
    ",": gettext_lazy("a comma"),
    ";": gettext_lazy("a semicolon"),
    ":": gettext_lazy("a colon"),
    '"': gettext_lazy("a quotation mark"),
    "(": gettext_lazy("a bracket"),
    ")": gettext_lazy("a bracket"),
    "<": gettext_lazy("the sign <"),
    ">": gettext_lazy("the sign >"),
    "@": gettext_lazy("a second @"),
}


def clean(text: str) -> str:
    """Return the address in `text` as people paste it, without what cannot be part of any address.

    Invisible characters, full-width forms, spaces around the signs, `mailto:`, `Name <address>`, quotation marks and
    signs around it. Other spaces stay: joining what they separate could make a stranger's address.
    """
    text = "".join(" " if character.isspace() else character for character in text if is_visible(character))
    text = FORMS.sub(lambda match: "." if match[0] == "\u3002" else unicodedata.normalize("NFKC", match[0]), text)
    text = unicodedata.normalize("NFC", text.replace("\uff61", "."))
    if found := IN_BRACKETS.findall(text):
        text = "".join(found[-1])
    text = text.strip(' <>[]()"\u201c\u201d\u201e\u00ab\u00bb,;:')
    if link := MAILTO.fullmatch(text):
        text = unquote(link[1])
    if text.startswith("'"):
        text = text[1:] if text.endswith("'") else text
    text = re.sub(r" *([@.]) *", r"\1", text.strip())
    return re.sub(r"[^\w\]]+$", "", text)


def wrong_character(address: str) -> str:
    """Return in words the first character of the cleaned `address` that no address contains, or ""."""
    local, at, domain = address.partition("@")
    for character in local:
        if not LOCAL.fullmatch(character):
            return in_words(character)
    for character in domain if at else "":
        if not character.isalnum() and character not in "-.":
            return in_words(character)
    return ""


def in_words(character: str) -> str:
    if character in NAMED:
        return str(NAMED[character])
    shown = f"\u201c{character}\u201d"
    # A letter that only looks like one of ours: its name tells them apart.
    is_familiar = character.isascii() or "LATIN" in unicodedata.name(character, "")
    return shown if is_familiar else f"{shown} ({unicodedata.name(character, f'U+{ord(character):04X}').lower()})"


class AddressField(forms.EmailField):
    """An email address, cleaned before it is judged; the error names the character that is wrong."""

    default_validators = []
    default_error_messages = {"invalid": EmailValidator.message}

    def to_python(self, value):
        value = super().to_python(value)
        # NUL is no character that anyone pastes: the field's own validator refuses it.
        return value if "\0" in value else clean(value)

    def run_validators(self, value):
        super().run_validators(value)
        if not value:
            return
        if character := wrong_character(value):
            message = gettext("There is %(character)s in the email address: please write the address again.")
            raise ValidationError(message % {"character": character}, code="invalid")
        try:
            is_valid(value)
        except ValidationError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if NO_MAIL.search(value.rpartition("@")[2]):
            raise ValidationError(self.error_messages["invalid"], code="invalid")


def normalise(email: str) -> str:
    """Return the cleaned `email` in lower case, its domain in punycode."""
    local, at, domain = clean(email).lower().rpartition("@")
    # Django validates and sends to this form of the domain; a domain without one is left unchanged.
    with suppress(UnicodeError):
        domain = punycode(domain)
    return f"{local}{at}{domain}"


def without_tag(email: str) -> str:
    """Return the normalised address without its +tag: anna+sito@example.org -> anna@example.org."""
    local, _at, domain = normalise(email).rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def digest(email: str) -> str:
    """Return the keyed digest of the address without its tag."""
    return keyed_digest("address", without_tag(email))


def several(text: str) -> list[str]:
    """Return the addresses in `text`, separated by commas or semicolons: those of STAFF_INBOX."""
    # Newer Pythons return nothing at all from a list that ends with a comma.
    listed = getaddresses([text.replace(";", ",").strip(" ,")])
    return [clean(address) for _name, address in listed if "@" in address]
