"""Refuses passwords that are long enough only by decoration: Password2026!, MilanoMilano1."""

import re

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LEET = str.maketrans("013457@$!", "oieastasi")
# What someone who knows the site would try first.
OUR_WORDS = frozenset(
    "fantato marina vitiligo vitiligine milano milan clinica clinic centro centre dermatologia dottoressa".split()
)


class DressedUpPasswordValidator:
    """A common or obvious word stays one with digits and signs around it, or said twice."""

    def __init__(self):
        self.common = CommonPasswordValidator().passwords | OUR_WORDS

    def validate(self, password, user=None):
        if any(core in self.common for core in cores(password)):
            raise ValidationError(
                _(
                    "This is a common word with a few characters added: "
                    "choose four or more words that do not belong together."
                ),
                code="password_dressed_up",
            )

    def get_help_text(self):
        return _("Four or more words that do not belong together make a good password.")


def cores(password: str) -> set[str]:
    """Return what is left of `password` without decoration, read plainly and with digits for letters."""
    bare = r"^[\W\d_]+|[\W\d_]+$"
    plain = re.sub(bare, "", password.lower())
    found = set()
    for core in (plain, plain.translate(LEET), re.sub(bare, "", password.lower().translate(LEET))):
        said_once = re.sub(r"^(.+?)\1+$", r"\1", core)
        found |= {core, said_once, re.sub(r"[\W\d_]", "", core)}
    return found - {""}
