"""Refuse passwords that are a common word with a few characters added: Password2026!, MilanoMilano1."""

import re

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LEET = str.maketrans("013457@$!", "oieastasi")
# Words that anyone who knows the site would try.
SITE_WORDS = frozenset(
    "fantato marina vitiligo vitiligine milano milan clinica clinic centro centre dermatologia dottoressa".split()
)


class CommonWordPasswordValidator:
    """Validate that the password is not a common word with digits and signs around it, or repeated."""

    def __init__(self):
        self.common = CommonPasswordValidator().passwords | SITE_WORDS

    def validate(self, password, user=None):
        if not self.common.isdisjoint(bare_words(password)):
            raise ValidationError(
                _(
                    "This is a common word with a few characters added: "
                    "choose four or more words that do not belong together."
                ),
                code="password_common_word",
            )

    def get_help_text(self):
        return _("Four or more words that do not belong together make a good password.")


def bare_words(password: str) -> set[str]:
    """Return `password` without the digits and signs around it, as typed and with digits read as letters."""
    bare = r"^[\W\d_]+|[\W\d_]+$"
    plain = re.sub(bare, "", password.lower())
    found = set()
    for word in (plain, plain.translate(LEET), re.sub(bare, "", password.lower().translate(LEET))):
        unrepeated = re.sub(r"^(.+?)\1+$", r"\1", word)
        found |= {word, unrepeated, re.sub(r"[\W\d_]", "", word)}
    return found - {""}
