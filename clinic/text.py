"""Compares texts as people type them: without capitals, accents, apostrophes and what cannot be seen."""

import re
import unicodedata

APOSTROPHES = str.maketrans("", "", "'’‘ʼ`´′")
# Characters that show nothing though their category (Cf, Cc) does not say so: Unicode's Default_Ignorable_Code_Point,
# the blank Braille pattern, and the mark that stands for a pasted picture.
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\ufffc"
    "\U000e0000-\U000e0fff]"
)


def is_visible(character: str) -> bool:
    is_hidden = unicodedata.category(character) in {"Cf", "Cc"} and not character.isspace()
    return not is_hidden and not UNSEEN.match(character)


def folded(text: str) -> str:
    """Return `text` without capitals, accents, apostrophes and invisible characters, with single spaces."""
    text = text.translate(APOSTROPHES)
    if not text.isascii():
        letters = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in letters if not unicodedata.combining(c) and is_visible(c))
    return " ".join(text.casefold().split())
