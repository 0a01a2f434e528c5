"""Email addresses as the site compares them: never in clear, the same person found whatever the spelling."""

from contextlib import suppress

from django.utils.encoding import punycode

from clinic.encryption.fields import keyed_digest


def normalise(email: str) -> str:
    """Return `email` in small letters, without white space around it, its domain as mail servers are asked for it."""
    local, at, domain = email.strip().lower().rpartition("@")
    # Django's form judges a domain by this spelling and its mail goes there; what has none stays as it is.
    with suppress(UnicodeError):
        domain = punycode(domain)
    return f"{local}{at}{domain}"


def without_tag(email: str) -> str:
    """Return the normalised address without its +tag: anna+sito@example.org -> anna@example.org."""
    local, _at, domain = normalise(email).rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def digest(email: str) -> str:
    """Return the keyed digest by which leads of one address are found."""
    return keyed_digest("address", without_tag(email))
