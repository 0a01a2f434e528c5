"""The signed link in a patient's email with which they withdraw their request."""

from uuid import UUID

from django.core import signing

SALT = "contacts.withdraw"


class BadLink(Exception):
    """The link is truncated or was changed."""


def token(lead_id: UUID) -> str:
    return signing.Signer(salt=SALT).sign(lead_id.hex)


def lead_id(token: str) -> UUID:
    """Return the id of the link's lead, which may be erased already; raise BadLink if the signature is wrong."""
    try:
        return UUID(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise BadLink from error
