"""References that can be read out on the phone: K7M-4QX, five random characters and a check character."""

import secrets

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V: no two characters look or sound alike. Prime in number, so that the
# weighted check character finds every single mistyped character and every swap of two neighbours.
ALPHABET = "34679ACDEFGHJKMNPQRTVWX"
LENGTH = 5


def check_character(code: str) -> str:
    """Return the character that makes `code` (five characters of ALPHABET) a whole reference."""
    weighted = sum(weight * ALPHABET.index(character) for weight, character in enumerate(code, start=1))
    return ALPHABET[weighted % len(ALPHABET)]


def new_reference() -> str:
    """Return a random reference such as K7M-4QX (6.4 million of them; the database refuses a second use)."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return as_stored(code + check_character(code))


def characters(text: str) -> str:
    """Return what counts of a reference as somebody wrote it: not case, hyphen or spaces."""
    return text.strip().upper().replace("-", "").replace(" ", "")


def as_stored(code: str) -> str:
    return f"{code[:3]}-{code[3:]}"


def beginning(text: str) -> tuple[str, str] | None:
    """Return the first and the last reference that begin like `text`, or None when none does.

    A range is read off the index: SQLite cannot do that for LIKE, and whole references sort alike in any collation.
    """
    code = characters(text)
    if not 0 < len(code) <= LENGTH + 1 or not set(code) <= set(ALPHABET):
        return None
    return as_stored(code.ljust(LENGTH + 1, ALPHABET[0])), as_stored(code.ljust(LENGTH + 1, ALPHABET[-1]))


def normalise(text: str) -> str | None:
    """Return the reference in `text` as it is stored, or None when it is none (case and hyphen do not matter)."""
    code = characters(text)
    if len(code) != LENGTH + 1 or not set(code) <= set(ALPHABET) or check_character(code[:-1]) != code[-1]:
        return None
    return as_stored(code)
