"""References of leads, such as K7M-4QX: five random characters and a check character, easy to spell on the phone."""

import secrets

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V: no two characters look or sound alike. Their number (23) is prime, so that the
# weighted check character detects every single wrong character and every swap of two neighbours.
ALPHABET = "34679ACDEFGHJKMNPQRTVWX"
LENGTH = 5


def check_character(code: str) -> str:
    """Return the sixth character of the reference that starts with `code` (five characters of ALPHABET)."""
    weighted = sum(weight * ALPHABET.index(character) for weight, character in enumerate(code, start=1))
    return ALPHABET[weighted % len(ALPHABET)]


def new_reference() -> str:
    """Return a random reference such as K7M-4QX (one of 6.4 million; a database constraint keeps them unique)."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return as_stored(code + check_character(code))


def characters(text: str) -> str:
    """Return `text` in capitals, without hyphens and spaces."""
    return text.strip().upper().replace("-", "").replace(" ", "")


def as_stored(code: str) -> str:
    return f"{code[:3]}-{code[3:]}"


def prefix_range(text: str) -> tuple[str, str] | None:
    """Return the first and the last reference that could start with `text`, or None if none can.

    A range uses the index, for which SQLite cannot use LIKE; whole references sort the same in any collation.
    """
    code = characters(text)
    if not 0 < len(code) <= LENGTH + 1 or not set(code) <= set(ALPHABET):
        return None
    return as_stored(code.ljust(LENGTH + 1, ALPHABET[0])), as_stored(code.ljust(LENGTH + 1, ALPHABET[-1]))


def normalise(text: str) -> str | None:
    """Return the reference in `text` as it is stored, or None if it is none (case and hyphen do not matter)."""
    code = characters(text)
    if len(code) != LENGTH + 1 or not set(code) <= set(ALPHABET) or check_character(code[:-1]) != code[-1]:
        return None
    return as_stored(code)
