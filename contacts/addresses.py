"""Email addresses as the site compares them: never in clear, the same person found whatever the spelling."""

from clinic.encryption import keyed_digest


def normalise(email: str) -> str:
    """Return `email` in small letters, without white space around it."""
    return email.strip().lower()


def without_tag(email: str) -> str:
    """Return the normalised address without its +tag: anna+sito@example.org -> anna@example.org."""
    local, _at, domain = normalise(email).rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def digest(email: str) -> str:
    """Return the keyed digest by which leads of one address are found."""
    return keyed_digest("address", without_tag(email))
