"""Cleans and judges phone numbers as people type and paste them, without asking for any one format."""

import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts import addresses

DASHES = re.compile("[\u2010-\u2015\u2212]")
ALLOWED = re.compile(r"[0-9 +().\-/]")
# The longest number of the world has 15 digits, some before it dial abroad.
FEWEST, MOST = 5, 20


def clean(text: str) -> str:
    """Return `text` with plain digits, dashes and single spaces, without the invisible signs of copied contacts."""
    visible = "".join(character for character in text if addresses.is_visible(character))
    plain = DASHES.sub("-", unicodedata.normalize("NFKC", visible))
    digits = (str(unicodedata.decimal(character, character)) for character in plain)
    return " ".join("".join(digits).split()).removeprefix("tel:").strip()


def link(phone: str) -> str:
    """Return the number for a tel: URL."""
    return re.sub(r"[^\d+]", "", phone)


class PhoneField(forms.CharField):
    """A phone number; the error names the character or the digits that are wrong."""

    default_error_messages = {
        "digits": _("A phone number has from 5 to 20 digits: please check it, or leave it empty."),
    }

    def to_python(self, value):
        value = super().to_python(value)
        # NUL is no character that anyone pastes: the field's own validator refuses it.
        return value if "\0" in value else clean(value)

    def run_validators(self, value):
        super().run_validators(value)
        if not value:
            return
        if wrong := ALLOWED.sub("", value):
            message = gettext("There is %(character)s in the phone number: please write digits only.")
            raise ValidationError(message % {"character": addresses.in_words(wrong[0])}, code="invalid")
        if not FEWEST <= len(re.sub(r"\D", "", value)) <= MOST:
            raise ValidationError(self.error_messages["digits"], code="invalid")
