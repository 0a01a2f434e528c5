"""Normalises email addresses and computes the digest by which the leads of one address are found."""

from contextlib import suppress

from django.utils.encoding import punycode

from clinic.encryption.fields import keyed_digest


def normalise(email: str) -> str:
    """Return `email` in lower case, without surrounding white space, its domain in punycode."""
    local, at, domain = email.strip().lower().rpartition("@")
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
